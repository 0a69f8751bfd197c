#include "io/text_encoding.h"

#include <cstdint>
#include <string_view>

#include "patronus/core/error.h"
#include "patronus/io/atomic_file.h"

namespace patronus {
namespace {

void append_utf8(std::string& text, uint32_t code) {
  const auto tail = [&](int shift) { text += static_cast<char>(0x80 | (code >> shift & 0x3F)); };
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0 | code >> 6);
    tail(0);
  } else if (code < 0x10000) {
    text += static_cast<char>(0xE0 | code >> 12);
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xF0 | code >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

/// UTF-8 from pairs of bytes, the more significant one of which is at `high` (0 or 1).
std::string from_utf16(std::string_view bytes, size_t high) {
  const auto unit = [&](size_t place) {
    return static_cast<uint32_t>(static_cast<unsigned char>(bytes[place + high])) << 8 |
           static_cast<unsigned char>(bytes[place + 1 - high]);
  };
  std::string text;
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
    uint32_t code = unit(i);
    const bool leads = code >= 0xD800 && code < 0xDC00 && i + 3 < bytes.size();
    if (leads) {
      code = 0x10000 + ((code - 0xD800) << 10) + (unit(i + 2) - 0xDC00);
      i += 2;
    }
    append_utf8(text, code);
  }
  return text;
}

}  // namespace

std::string read_text(const std::filesystem::path& path) {
  std::string bytes = read_file(path);
  const std::string_view content = bytes;
  if (content.starts_with("\xFF\xFE")) return from_utf16(content.substr(2), 1);
  if (content.starts_with("\xFE\xFF")) return from_utf16(content.substr(2), 0);
  if (content.find('\0') != std::string_view::npos)
    throw DataError(path.string() + ": no text in UTF-8; save it as UTF-8");
  if (content.starts_with("\xEF\xBB\xBF")) bytes.erase(0, 3);
  return bytes;
}

}  // namespace patronus
