#include "patronus/core/text.h"

#include <c10/util/StringUtil.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>

namespace patronus {
namespace {

/// Whether a code point is a character: neither a surrogate nor a noncharacter.
bool is_character(uint32_t c) {
  const bool is_half = c >= 0xD800 && c < 0xE000;
  const bool is_reserved = (c >= 0xFDD0 && c < 0xFDF0) || (c & 0xFFFE) == 0xFFFE;
  return c < 0x110000 && !is_half && !is_reserved;
}

/// Length of the UTF-8 character at the start of `text`; 0 if it is invalid.
size_t character_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80) return 1;
  const size_t length = first < 0xC0 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF8 ? 4 : 0;
  if (length == 0 || length > text.size()) return 0;
  uint32_t c = first & (0x7F >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((text[i] & 0xC0) != 0x80) return 0;
    c = c << 6 | (text[i] & 0x3F);
  }
  constexpr uint32_t kMin[] = {0, 0, 0x80, 0x800, 0x10000};  // smaller values are overlong
  return c >= kMin[length] && is_character(c) ? length : 0;
}

std::string formatted(double value, std::chars_format format, int precision) {
  std::array<char, 350> text;  // the largest double has 309 digits before the point
  const auto end = std::to_chars(text.begin(), text.end(), value, format, precision).ptr;
  return {text.begin(), end};
}

std::string with_leading_zeros(const std::string& number, int digits) {
  return std::string(std::max<int64_t>(0, digits - std::ssize(number)), '0') + number;
}

}  // namespace

std::string to_lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

std::string_view trim(std::string_view text) {
  constexpr const char* kBlanks = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  std::string text;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += separator;
    text += parts[i];
  }
  return text;
}

std::string join_or(std::span<const std::string> parts) {
  if (parts.size() < 2) return join(parts);
  return join(parts.first(parts.size() - 1)) + " or " + parts.back();
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (size_t end = text.find(separator); end != std::string_view::npos; end = text.find(separator)) {
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  parts.push_back(text);
  return parts;
}

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

std::string shell_quoted(const std::string& word) {
  const bool is_plain = !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("_-./=,:@%+").find(c) != std::string_view::npos;
  });
  if (is_plain) return word;
  std::string text = word;
  c10::ReplaceAll(text, "'", "'\\''");
  return "'" + text + "'";
}

std::string shell_line(std::span<const std::string> words) {
  std::vector<std::string> quoted;
  for (const auto& word : words) quoted.push_back(shell_quoted(word));
  return join(quoted, " ");
}

size_t utf8_length(std::string_view text) {
  return std::max<size_t>(1, character_length(text));
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = character_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string_view cut_to(std::string_view text, size_t bytes) {
  size_t end = 0;
  while (end < text.size()) {
    const size_t next = end + utf8_length(text.substr(end));
    if (next > bytes) break;
    end = next;
  }
  return text.substr(0, end);
}

std::string valid_utf8(std::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const size_t length = character_length(text);
    valid += length > 0 ? text.substr(0, length) : "\uFFFD";
    text.remove_prefix(std::max<size_t>(1, length));
  }
  return valid;
}

std::string format_shortest(double value) {
  constexpr double kLargestWhole = 1e12;
  if (value == std::floor(value) && std::abs(value) < kLargestWhole) return format_fixed(value, 0);
  std::array<char, 32> text;
  const auto end = std::to_chars(text.begin(), text.end(), value, std::chars_format::general).ptr;
  return {text.begin(), end};
}

std::string format_significant(double value, int digits) {
  return formatted(value, std::chars_format::general, digits);
}

std::string format_float(double value) {
  return format_significant(value, 7);
}

std::string format_fixed(double value, int digits) {
  return formatted(value, std::chars_format::fixed, digits);
}

std::string zero_padded(int64_t number, int digits) {
  return with_leading_zeros(std::to_string(number), digits);
}

std::string rate_text(double value) {
  if (value >= 999.5) return format_fixed(value, 0);
  return value < 1e-3 ? format_fixed(value, 6) : format_significant(value, 3);
}

std::string pluralize(int64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string hexadecimal(uint64_t value, int digits) {
  std::array<char, 16> text;
  const auto end = std::to_chars(text.begin(), text.end(), value, /*base=*/16).ptr;
  return with_leading_zeros({text.begin(), end}, digits);
}

}  // namespace patronus
