#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace patronus {

/// `text` with its ASCII letters in lower case.
std::string lower_case(std::string_view text);

/// `text` without blanks and line ends at its ends.
std::string_view trimmed(std::string_view text);

/// Elements joined by `separator`.
std::string join(std::span<const std::string> parts, std::string_view separator = ", ");

/// "a, b or c".
std::string join_or(std::span<const std::string> parts);

/// The parts of `text` before, between and after its separators; any of them may be empty.
std::vector<std::string_view> split(std::string_view text, char separator);

/// `text` up to its first line end.
std::string first_line(std::string_view text);

/// `word` as it is typed in a shell: in quotes where a character of it may mean something there.
std::string shell_quoted(const std::string& word);

/// Length in bytes of the UTF-8 character that `text`, not empty, begins with; 1 for a byte that begins none.
size_t utf8_length(std::string_view text);

/// Whether all of `text` is UTF-8: no byte out of place, nothing encoded longer than need be, no half of a
/// UTF-16 pair and none of Unicode's non-characters.
bool is_utf8(std::string_view text);

/// As many UTF-8 characters of `text`, from its beginning, as `bytes` hold.
std::string_view cut_to(std::string_view text, size_t bytes);

/// `text` as UTF-8: every byte that belongs to no character becomes U+FFFD.
std::string valid_utf8(std::string_view text);

/// The shortest decimal that reads back as the same double; whole numbers without an exponent: "1e-05",
/// "0.25", "100000".
std::string shortest(double value);
/// A number with at most this many significant digits, and an exponent where it is very large or small.
std::string significant(double value, int digits);
/// A number with the seven significant digits of a float.
std::string decimal(double value);
/// A number with this many digits after the point.
std::string fixed(double value, int digits);
/// A number with leading zeros, at least this many digits long: "00012".
std::string padded(int64_t number, int digits);
/// Three significant digits, or, from 1,000 on, a whole number: "0.0123", "45.6", "1234".
std::string rate_text(double value);

/// "1 image", "3 images": of a noun whose plural has an s.
std::string counted(int64_t count, std::string_view noun);

/// A number in hexadecimal with at least so many digits, at most sixteen: "00c0ffee" of 8.
std::string hexadecimal(uint64_t value, int digits = 16);

}  // namespace patronus
