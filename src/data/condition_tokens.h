#pragma once
#include <string>
#include <vector>

namespace patronus {

/// A token of a condition on attributes.
struct ConditionToken {
  enum class Kind { kName, kAnd, kOr, kNot, kOperator, kOpen, kClose, kEnd };
  Kind kind;
  std::string text;  // without the quotes of a name
  size_t place;      // byte offset in the condition
};

/// Operators, for messages.
inline constexpr const char* kConditionOperators = "=, !=, <, <=, > or >=";

/// Splits a condition into tokens, followed by kEnd. A name is quoted, or extends over blanks to the next
/// operator, parenthesis or keyword (and, or, not; ignoring case). Throws ConfigError for an unknown
/// operator, for && and || outside quotes, and for an unclosed quote.
std::vector<ConditionToken> condition_tokens(const std::string& text);

/// Throws ConfigError about the token at byte `place` of a condition; the message gives its character.
[[noreturn]] void fail_condition(const std::string& text, size_t place, const std::string& what);

}  // namespace patronus
