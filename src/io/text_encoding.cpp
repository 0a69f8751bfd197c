#include "patronus/io/text_encoding.h"

#include <bit>
#include <locale>
#include <optional>
#include <string_view>

#include "patronus/core/error.h"
#include "patronus/core/text.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/byte_reader.h"

namespace patronus {
namespace {

/// Converts UTF-16 to UTF-8; nothing if it is malformed.
std::optional<std::string> from_utf16(std::string_view bytes, std::endian order) {
  if (bytes.size() % 2 != 0) return std::nullopt;
  std::u16string units;
  for (size_t i = 0; i < bytes.size(); i += 2)
    units += static_cast<char16_t>(load_unsigned(order, bytes, i, 2));
  std::u8string text(3 * units.size(), u8'\0');  // a UTF-16 unit takes at most 3 bytes
  const auto& encoding =
      std::use_facet<std::codecvt<char16_t, char8_t, std::mbstate_t>>(std::locale::classic());
  const char16_t *from = units.data(), *end = from + units.size();
  char8_t* to = text.data();
  std::mbstate_t state{};
  const auto result = encoding.out(state, from, end, from, to, to + text.size(), to);
  if (result != std::codecvt_base::ok || from != end) return std::nullopt;
  return std::string(text.data(), to);
}

}  // namespace

std::string read_text(const std::filesystem::path& path) {
  std::string bytes = read_file(path);
  const std::string_view content = bytes;
  const bool is_little = content.starts_with("\xFF\xFE");
  if (is_little || content.starts_with("\xFE\xFF")) {
    auto text = from_utf16(content.substr(2), is_little ? std::endian::little : std::endian::big);
    if (!text) throw DataError(path.string() + ": damaged UTF-16; save it as UTF-8");
    return *std::move(text);
  }
  if (content.find('\0') != std::string_view::npos || !is_utf8(content))
    throw DataError(path.string() + ": no text in UTF-8; save it as UTF-8");
  remove_byte_order_mark(bytes);
  return bytes;
}

void remove_byte_order_mark(std::string& text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
}

}  // namespace patronus
