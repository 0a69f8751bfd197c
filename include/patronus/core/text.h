#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace patronus {

/// `text` with its ASCII letters in lower case.
std::string lower_case(std::string_view text);

/// `text` without blanks and line ends at its ends.
std::string_view trimmed(std::string_view text);

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
/// A number with the seven significant digits of a float.
std::string decimal(double value);
/// A number with this many digits after the point.
std::string fixed(double value, int digits);
/// A number with leading zeros, at least this many digits long: "00012".
std::string padded(int64_t number, int digits);
/// Three significant digits, or, from 1,000 on, a whole number: "0.0123", "45.6", "1234".
std::string rate_text(double value);

/// A number in hexadecimal with at least so many digits, at most sixteen: "00c0ffee" of 8.
std::string hexadecimal(uint64_t value, int digits = 16);

}  // namespace patronus
