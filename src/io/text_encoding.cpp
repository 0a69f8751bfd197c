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

/// Whether all bytes are UTF-8: no byte out of place, nothing encoded longer than need be, no half of a
/// surrogate pair.
bool is_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto byte = [&](size_t offset) { return static_cast<unsigned char>(text[i + offset]); };
    const size_t more = byte(0) < 0x80 ? 0 : byte(0) < 0xC2 ? 4 : byte(0) < 0xE0 ? 1 : byte(0) < 0xF0 ? 2 : 3;
    if (more == 4 || byte(0) > 0xF4 || i + more >= text.size()) return false;
    for (size_t offset = 1; offset <= more; ++offset) {
      if ((byte(offset) & 0xC0) != 0x80) return false;
    }
    const unsigned first = more > 0 ? byte(1) : 0;
    if ((byte(0) == 0xE0 && first < 0xA0) || (byte(0) == 0xED && first > 0x9F) ||
        (byte(0) == 0xF0 && first < 0x90) || (byte(0) == 0xF4 && first > 0x8F)) {
      return false;
    }
    i += more + 1;
  }
  return true;
}

}  // namespace

std::string read_text(const std::filesystem::path& path) {
  std::string bytes = read_file(path);
  const std::string_view content = bytes;
  if (content.starts_with("\xFF\xFE")) return from_utf16(content.substr(2), 1);
  if (content.starts_with("\xFE\xFF")) return from_utf16(content.substr(2), 0);
  if (content.find('\0') != std::string_view::npos || !is_utf8(content))
    throw DataError(path.string() + ": no text in UTF-8; save it as UTF-8");
  if (content.starts_with("\xEF\xBB\xBF")) bytes.erase(0, 3);
  return bytes;
}

}  // namespace patronus
