#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace patronus {

/// `text` with ASCII letters in lower case.
std::string to_lower(std::string_view text);

/// `text` without leading and trailing blanks and line ends.
std::string_view trim(std::string_view text);

/// Elements joined by `separator`.
std::string join(std::span<const std::string> parts, std::string_view separator = ", ");

/// Joins as "a, b or c".
std::string join_or(std::span<const std::string> parts);

/// Splits `text` at each separator; parts may be empty.
std::vector<std::string_view> split(std::string_view text, char separator);

/// `text` up to its first line break.
std::string first_line(std::string_view text);

/// Quotes `word` for a shell if it contains special characters.
std::string shell_quoted(const std::string& word);
/// A command line of these words, each quoted.
std::string shell_line(std::span<const std::string> words);

/// Length in bytes of the UTF-8 character at the start of non-empty `text`; 1 for an invalid byte.
size_t utf8_length(std::string_view text);

/// Whether `text` is valid UTF-8: no misplaced byte, overlong encoding, surrogate or Unicode non-character.
bool is_utf8(std::string_view text);

/// The longest prefix of `text` of whole UTF-8 characters that fits in `bytes`.
std::string_view cut_to(std::string_view text, size_t bytes);

/// `text` as valid UTF-8: every byte that is not part of a character becomes U+FFFD.
std::string valid_utf8(std::string_view text);

/// The shortest decimal that reads back as the same double, whole numbers without an exponent: "1e-05",
/// "0.25", "100000".
std::string format_shortest(double value);
/// Formats with at most `digits` significant digits, and an exponent for very large or small numbers.
std::string format_significant(double value, int digits);
/// Formats with the seven significant digits of a float.
std::string format_float(double value);
/// Formats with `digits` digits after the decimal point.
std::string format_fixed(double value, int digits);
/// Formats with leading zeros to at least `digits` digits: "00012".
std::string zero_padded(int64_t number, int digits);
/// Formats with three significant digits or, from 1,000 on, as a whole number: "0.0123", "45.6", "1234".
std::string rate_text(double value);

/// Count with a noun whose plural ends in s: "1 image", "3 images".
std::string pluralize(int64_t count, std::string_view noun);

/// Formats in hexadecimal with at least `digits` digits, at most sixteen: "00c0ffee" with 8.
std::string hexadecimal(uint64_t value, int digits = 16);

}  // namespace patronus
