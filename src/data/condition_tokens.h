#pragma once
#include <string>
#include <vector>

namespace patronus {

/// A piece of a condition on attributes.
struct ConditionToken {
  enum class Kind { kName, kAnd, kOr, kNot, kOperator, kOpen, kClose, kEnd };
  Kind kind;
  std::string text;  // of a name, without its quotes
  size_t place;      // of its first byte
};

/// The operators, for messages.
inline constexpr const char* kConditionOperators = "=, !=, <, <=, > or >=";

/// The pieces of a condition, and the end. A name is quoted, or goes on over blanks up to an operator, a
/// parenthesis or one of the words and, or and not, in any capitalisation. ConfigError for an operator that
/// there is not, for && and || that are not quoted, and for a quote that is not closed.
std::vector<ConditionToken> condition_tokens(const std::string& text);

/// ConfigError about the piece of a condition that begins at byte `place`.
[[noreturn]] void fail_condition(const std::string& text, size_t place, const std::string& what);

}  // namespace patronus
