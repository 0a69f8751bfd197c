#include "data/condition.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>

#include "data/condition_tokens.h"
#include "data/table_attributes.h"
#include "patronus/core/error.h"
#include "patronus/core/text.h"
#include "patronus/core/unknown.h"

namespace patronus {
namespace {

using Kind = ConditionToken::Kind;

constexpr int kMaxConditionLevels = 64;

// Truth values during evaluation, in an order in which `and` is the minimum and `or` the maximum.
constexpr int64_t kNo = 0, kMaybe = 1, kYes = 2;

/// The words of values 0, 1 ... as numbers; empty if any of them is not a number.
std::vector<double> numbers_of(const std::vector<std::string>& words) {
  std::vector<double> numbers;
  for (const auto& word : words) {
    if (const auto number = parse_signed_number(word)) numbers.push_back(*number);
  }
  return numbers.size() == words.size() ? numbers : std::vector<double>{};
}

bool compares(double value, const std::string& sign, double limit) {
  if (sign == "<") return value < limit;
  if (sign == "<=") return value <= limit;
  return sign == ">" ? value > limit : value >= limit;
}

/// Evaluates a condition while parsing it by recursive descent.
class ConditionReader {
 public:
  ConditionReader(const AttributeTable& table, const std::string& text)
      : table_(table), text_(text), tokens_(condition_tokens(text)) {}

  at::Tensor run() {
    const at::Tensor truth = any_of();
    if (next().kind != Kind::kEnd) fail(next(), "expected and, or or the end, found " + found());
    return at::tensor({int64_t{0}, kUnknown, int64_t{1}}, at::kLong).index_select(0, truth);
  }

 private:
  at::Tensor any_of() {
    at::Tensor truth = all_of();
    while (take(Kind::kOr)) truth = at::maximum(truth, all_of());
    return truth;
  }

  at::Tensor all_of() {
    at::Tensor truth = negation();
    while (take(Kind::kAnd)) truth = at::minimum(truth, negation());
    return truth;
  }

  at::Tensor negation() {
    if (++level_ > kMaxConditionLevels) fail(next(), "nested more than 64 levels deep");
    const at::Tensor truth = take(Kind::kNot) ? kYes - negation() : operand();
    --level_;
    return truth;
  }

  at::Tensor operand() {
    if (!take(Kind::kOpen)) return comparison();
    const at::Tensor truth = any_of();
    expect(Kind::kClose, "')'");
    return truth;
  }

  at::Tensor comparison() {
    const ConditionToken name = expect(Kind::kName, "an attribute");
    const auto place = std::find(table_.names.begin(), table_.names.end(), name.text);
    if (place == table_.names.end()) fail_unknown(name);
    const ConditionToken sign = expect(Kind::kOperator, std::string(kConditionOperators) + ", as in " +
                                                            suggest_condition(table_, name.text));
    const ConditionToken value = expect(Kind::kName, "a value");
    const auto column = place - table_.names.begin();
    // Truth of each value; the last one is that of an unknown value.
    std::vector<int64_t> truths = truths_of(static_cast<size_t>(column), sign.text, value);
    const auto unknown = std::ssize(truths);
    truths.push_back(kMaybe);
    const auto values = table_.values.select(1, column);
    return at::tensor(truths, at::kLong).index_select(0, values.masked_fill(values == kUnknown, unknown));
  }

  /// Truth of the comparison for each value 0, 1 ... of an attribute.
  std::vector<int64_t> truths_of(size_t column, const std::string& sign, const ConditionToken& value) {
    const auto& words = table_.value_names[column];
    const std::vector<std::string> known = words.empty() ? std::vector<std::string>{"0", "1"} : words;
    std::vector<int64_t> truths;
    if (sign == "=" || sign == "!=") {
      truths.assign(known.size(), sign == "=" ? kNo : kYes);
      truths[value_named(known, column, value)] = sign == "=" ? kYes : kNo;
      return truths;
    }
    const auto numbers = numbers_of(known);
    const auto limit = parse_signed_number(value.text);
    if (numbers.empty())
      fail(value, "the values of " + table_.names[column] + " have no order; expected = or !=");
    if (!limit) fail(value, "expected a number, found '" + value.text + "'");
    for (const double number : numbers) truths.push_back(compares(number, sign, *limit) ? kYes : kNo);
    return truths;
  }

  /// Index of a value: given as one of the words `known` or, if none of these is a number, as the index
  /// itself.
  size_t value_named(const std::vector<std::string>& known, size_t column, const ConditionToken& value) {
    const auto named = std::find(known.begin(), known.end(), value.text);
    if (named != known.end()) return static_cast<size_t>(named - known.begin());
    const auto place = parse_signed_number(value.text);
    const bool is_place =
        place && *place >= 0 && *place < static_cast<double>(known.size()) && *place == std::floor(*place);
    const auto is_number = [](const std::string& word) { return parse_signed_number(word).has_value(); };
    if (is_place && std::none_of(known.begin(), known.end(), is_number)) return static_cast<size_t>(*place);
    fail(value, "'" + value.text + "' is no value of " + table_.names[column] + "; expected " +
                    (known.size() > 2 ? "one of " + join(known) : join_or(known)) +
                    (next().kind == Kind::kOperator ? "; comparisons are put together by and, or"
                                                    : did_you_mean(value.text, known)));
  }

  [[noreturn]] void fail_unknown(const ConditionToken& name) const {
    const std::string meant = suggest_attribute(table_, name.text);
    fail(name, "the images have no attribute '" + name.text + "'" +
                   (table_.names.empty() ? "" : "; expected one of " + join(table_.names)) +
                   (meant.empty() ? "" : "; did you mean " + meant + "?"));
  }

  const ConditionToken& next() const { return tokens_[position_]; }

  bool take(Kind kind) {
    if (next().kind != kind) return false;
    ++position_;
    return true;
  }

  ConditionToken expect(Kind kind, const std::string& what) {
    if (next().kind != kind) fail(next(), "expected " + what + ", found " + found());
    return tokens_[position_++];
  }

  std::string found() const { return next().kind == Kind::kEnd ? "the end" : "'" + next().text + "'"; }

  [[noreturn]] void fail(const ConditionToken& token, const std::string& what) const {
    fail_condition(text_, token.place, what);
  }

  const AttributeTable& table_;
  const std::string text_;
  const std::vector<ConditionToken> tokens_;
  size_t position_ = 0;
  int level_ = 0;
};

}  // namespace

std::string suggest_attribute(const AttributeTable& table, const std::string& name) {
  std::vector<std::string> names = table.names, meanings = table.names;
  for (size_t column = 0; column < table.value_names.size(); ++column) {
    for (const auto& word : table.value_names[column]) {
      names.push_back(word);
      meanings.push_back(table.names[column] + "=" + word);
    }
  }
  const auto meant = nearest_name(name, names);
  return meant ? meanings[*meant] : "";
}

std::string suggest_condition(const AttributeTable& table, const std::string& name) {
  const std::string meant = suggest_attribute(table, name);
  const auto column = std::ranges::find(table.names, meant) - table.names.begin();
  if (column == std::ssize(table.names)) return meant;
  const auto& words = table.value_names[column];
  return meant + "=" + (words.empty() ? "1" : words.front());
}

at::Tensor evaluate_condition(const AttributeTable& table, const std::string& condition) {
  return ConditionReader(table, condition).run();
}

}  // namespace patronus
