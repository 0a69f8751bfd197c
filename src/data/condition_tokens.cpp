#include "data/condition_tokens.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "patronus/core/error.h"
#include "patronus/core/text.h"

namespace patronus {
namespace {

using Kind = ConditionToken::Kind;

constexpr std::string_view kBlanks = " \t\r\n", kSigns = "=!<>", kBorders = " \t\r\n=!<>()\"'";

std::optional<Kind> keyword(std::string_view word) {
  const std::string lower = to_lower(word);
  if (lower == "and") return Kind::kAnd;
  if (lower == "or") return Kind::kOr;
  if (lower == "not") return Kind::kNot;
  return std::nullopt;
}

size_t end_of(const std::string& text, size_t place, std::string_view borders) {
  return std::min(text.find_first_of(borders, place), text.size());
}

size_t after_blanks(const std::string& text, size_t place) {
  return std::min(text.find_first_not_of(kBlanks, place), text.size());
}

/// Throws ConfigError for a name with && or ||; a quoted name may contain them.
void refuse_signs_of_programs(const std::string& text, const ConditionToken& token) {
  for (const auto& [sign, word] : {std::pair{"&&", "and"}, std::pair{"||", "or"}}) {
    if (token.text.find(sign) == std::string::npos) continue;
    fail_condition(text, text.find(sign, token.place),
                   std::string("expected ") + word + ", found '" + sign + "'");
  }
}

/// Reads a keyword, or a name of one or more words, and moves `place` behind it.
ConditionToken words_at(const std::string& text, size_t& place) {
  ConditionToken token{Kind::kName, text.substr(place, end_of(text, place, kBorders) - place), place};
  place += token.text.size();
  if (const auto kind = keyword(token.text)) return {*kind, token.text, token.place};
  for (;;) {
    const size_t next = after_blanks(text, place);
    const std::string word = text.substr(next, end_of(text, next, kBorders) - next);
    if (word.empty() || keyword(word)) {
      refuse_signs_of_programs(text, token);
      return token;
    }
    token.text += " " + word;
    place = next + word.size();
  }
}

ConditionToken quoted_at(const std::string& text, size_t& place) {
  const size_t end = text.find(text[place], place + 1);
  if (end == std::string::npos) fail_condition(text, place, "the quote is not closed");
  const ConditionToken token{Kind::kName, text.substr(place + 1, end - place - 1), place};
  place = end + 1;
  return token;
}

ConditionToken operator_at(const std::string& text, size_t& place) {
  const size_t end = std::min(text.find_first_not_of(kSigns, place), text.size());
  const ConditionToken token{Kind::kOperator, text.substr(place, end - place), place};
  for (const char* known : {"=", "!=", "<", "<=", ">", ">="}) {
    if (token.text != known) continue;
    place = end;
    return token;
  }
  if (token.text == "!") fail_condition(text, place, "expected not or !=, found '!'");
  fail_condition(text, place, "unknown operator '" + token.text + "'; expected " + kConditionOperators);
}

}  // namespace

void fail_condition(const std::string& text, size_t place, const std::string& what) {
  const auto characters =
      std::count_if(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(place),
                    [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  throw ConfigError("'" + text + "', character " + std::to_string(characters + 1) + ": " + what);
}

std::vector<ConditionToken> condition_tokens(const std::string& text) {
  std::vector<ConditionToken> tokens;
  size_t place = after_blanks(text, 0);
  for (; place < text.size(); place = after_blanks(text, place)) {
    const char first = text[place];
    if (first == '(' || first == ')') {
      tokens.push_back({first == '(' ? Kind::kOpen : Kind::kClose, std::string(1, first), place});
      ++place;
    } else if (kSigns.find(first) != std::string_view::npos) {
      tokens.push_back(operator_at(text, place));
    } else {
      tokens.push_back(first == '"' || first == '\'' ? quoted_at(text, place) : words_at(text, place));
    }
  }
  tokens.push_back({Kind::kEnd, "", place});
  return tokens;
}

}  // namespace patronus
