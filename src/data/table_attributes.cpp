#include "data/table_attributes.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "data/condition_tokens.h"
#include "patronus/core/contains.h"
#include "patronus/core/error.h"
#include "patronus/core/parse_number.h"
#include "patronus/core/text.h"

namespace patronus {
namespace {

constexpr const char* kNone = "none";
constexpr const char* kTooManyValues = "columns of more than 100 values, or another in every row";
constexpr size_t kMaxValues = 100;

/// Meaning of the distinct cells of a column.
struct Meaning {
  std::vector<int64_t> values;           // [texts], attribute value of each
  std::vector<std::string> value_names;  // names of the values; empty: 0 is no, 1 is yes
  std::vector<std::string> remarks;
};

std::set<int> flags_of(const TextColumn& column) {
  std::set<int> flags;
  for (const auto& text : column.texts()) {
    if (const auto flag = parse_flag(to_lower(text))) flags.insert(*flag);
  }
  return flags;
}

bool all_known(const TextColumn& column, bool (*is)(const std::string& lower)) {
  return std::all_of(column.texts().begin(), column.texts().end(), [&](const std::string& text) {
    const std::string lower = to_lower(text);
    return is_unknown_word(lower) || is(lower);
  });
}

/// A yes-or-no flag, or "u" for unknown.
bool is_answer(const std::string& lower) {
  return parse_flag(lower).has_value() || lower == "u";
}

/// Whether the letters of the column are answers: t, f and u, or y, n and u, not an f without a t (female).
bool letters_are_answers(const TextColumn& column) {
  std::string letters;
  for (const auto& text : column.texts()) {
    if (text.size() == 1 && std::isalpha(static_cast<unsigned char>(text[0]))) letters += to_lower(text);
  }
  const auto has = [&](char letter) { return letters.find(letter) != std::string::npos; };
  return letters.find_first_not_of("ynu") == std::string::npos ||
         (letters.find_first_not_of("tfu") == std::string::npos && has('t'));
}

/// Meaning of a column of flags. Nothing for other columns, and for one with both 0 and -1 unless -1 means
/// unknown.
std::optional<Meaning> flags_meaning(const TextColumn& column, bool minus_is_unknown) {
  const auto flags = flags_of(column);
  if (!all_known(column, is_answer) || !letters_are_answers(column)) return std::nullopt;
  if (!minus_is_unknown && flags.contains(-1) && flags.contains(0)) return std::nullopt;
  Meaning meaning;
  for (const auto& text : column.texts()) {
    const auto flag = parse_flag(to_lower(text));
    const bool unknown = !flag || (*flag == -1 && minus_is_unknown);
    meaning.values.push_back(unknown ? kUnknown : std::max(*flag, 0));
  }
  if (flags.contains(-1)) meaning.remarks = {minus_is_unknown ? "-1 is unknown" : "-1 is 0"};
  return meaning;
}

/// Whether "none" is a value of the column, as it is beside other words: without glasses, a face has "None"
/// where others have "Normal" and "Dark".
bool none_is_value(const TextColumn& column) {
  return std::any_of(column.texts().begin(), column.texts().end(), [](const std::string& text) {
    const std::string lower = to_lower(text);
    return !is_unknown_word(lower) && !is_answer(lower) && !parse_signed_number(lower);
  });
}

/// Yes in further languages; in some of them, the word for no comes later in the alphabet.
bool is_foreign_yes(const std::string& lower) {
  static const std::set<std::string> kWords{"ja", "oui", "si", "sí", "sì", "sim", "tak"};
  return kWords.contains(lower);
}

/// Whether float64 tells whole numbers of this size apart, as it does not those of long ids.
bool is_exact_number(const std::string& text) {
  const auto number = parse_signed_number(text);
  return number && std::abs(*number) < 9007199254740992.0;
}

/// Makes the distinct cells the values: numbers in ascending order; words in alphabetical order, with a
/// foreign yes last.
Meaning values_meaning(const TextColumn& column) {
  const bool numbers = all_known(column, is_exact_number);
  const auto rank = [&](const std::string& text) {
    return std::pair(numbers                          ? *parse_signed_number(text)
                     : is_foreign_yes(to_lower(text)) ? 1.0
                                                      : 0.0,
                     numbers ? std::string() : text);
  };
  const bool takes_none = none_is_value(column);
  const auto is_none_value = [&](const std::string& text) { return takes_none && to_lower(text) == kNone; };
  const auto is_value = [&](const std::string& text) {
    return is_none_value(text) || !is_unknown_word(to_lower(text));
  };
  std::map<std::pair<double, std::string>, int64_t> value_of;
  Meaning meaning;
  for (const auto& text : column.texts()) {
    if (is_value(text)) value_of.emplace(rank(text), 0);
    if (is_none_value(text)) meaning.remarks.push_back(column.name + ": " + text + " is a value");
  }
  for (auto& [key, value] : value_of) {
    value = std::ssize(meaning.value_names);
    meaning.value_names.emplace_back();
  }
  for (const auto& text : column.texts()) {
    meaning.values.push_back(is_value(text) ? value_of.at(rank(text)) : kUnknown);
    if (is_value(text)) meaning.value_names[meaning.values.back()] = text;
  }
  if (meaning.value_names.size() == 2)
    meaning.remarks.push_back(column.name + ": 1 is " + meaning.value_names[1]);
  return meaning;
}

/// Whether a column probably has names, notes or measurements rather than categories.
bool tells_nothing_apart(const Meaning& meaning, size_t rows) {
  constexpr size_t kMinRows = 10;
  const size_t count = meaning.value_names.size();
  return count > kMaxValues || (rows >= kMinRows && count == rows);
}

/// Whether the table has a column of flags with 1, 0 and -1: -1 then means uncertain.
bool holds_three_answers(const TextTable& table, const std::vector<size_t>& columns) {
  return std::any_of(columns.begin(), columns.end(), [&](size_t c) {
    const TextColumn& column = table.columns[c];
    return flags_of(column).size() == 3 && all_known(column, is_answer);
  });
}

class AttributeColumns {
 public:
  void add(const TextColumn& column, const Meaning& meaning) {
    result_.table.names.push_back(column.name);
    result_.table.value_names.push_back(meaning.value_names);
    auto values = at::empty({static_cast<int64_t>(column.codes().size())}, at::kLong);
    std::transform(column.codes().begin(), column.codes().end(), values.mutable_data_ptr<int64_t>(),
                   [&](int32_t code) { return meaning.values[code]; });
    values_.push_back(values);
    for (const auto& remark : meaning.remarks) {
      auto& remarks = result_.remarks;
      if (!contains(remarks, remark)) remarks.push_back(remark);
    }
  }
  void leave_out(const std::string& why, const std::string& name) { result_.left_out.add_minor(why, name); }
  TableAttributes result(size_t rows) {
    result_.table.values =
        values_.empty() ? at::empty({static_cast<int64_t>(rows), 0}, at::kLong) : at::stack(values_, 1);
    return std::move(result_);
  }

 private:
  TableAttributes result_;
  std::vector<at::Tensor> values_;
};

/// Whether every wanted attribute is a column. If not, all columns are used, so that the error that follows
/// elsewhere can list the existing attributes.
bool all_are_columns(const std::vector<std::string>& wanted, const TextTable& table,
                     const std::vector<size_t>& columns) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& name) {
    return std::any_of(columns.begin(), columns.end(),
                       [&](size_t c) { return table.columns[c].name == name; });
  });
}

/// Names that data frames (pandas) give to a column without one.
bool is_nameless(const std::string& name) {
  return name.empty() || name.starts_with("Unnamed: ");
}

}  // namespace

std::optional<double> parse_signed_number(const std::string& text) {
  return parse_number<double>(std::string_view(text).substr(text.starts_with('+') ? 1 : 0));
}

bool is_unknown_word(const std::string& lower) {
  static const std::unordered_set<std::string> kWords{"",     "nan", "na",   "n/a",     "#n/a",
                                                      "null", kNone, "<na>", "unknown", "?"};
  return kWords.contains(lower);
}

std::optional<int> parse_flag(const std::string& lower) {
  static const std::unordered_map<std::string, int> kWords{{"true", 1},  {"yes", 1}, {"y", 1}, {"t", 1},
                                                           {"false", 0}, {"no", 0},  {"n", 0}, {"f", 0}};
  if (const auto word = kWords.find(lower); word != kWords.end()) return word->second;
  const auto number = parse_signed_number(lower);
  if (number && (*number == 0 || *number == 1 || *number == -1)) return static_cast<int>(*number);
  return std::nullopt;
}

bool WantedColumns::has(const std::string& column) const {
  return contains(attributes, column) || contains(mentioned, column);
}

bool has_too_many_values(const TextColumn& column) {
  return column.texts().size() > kMaxValues && !all_known(column, is_answer) &&
         values_meaning(column).value_names.size() > kMaxValues;
}

WantedColumns wanted_columns(const DataConfig& config) {
  WantedColumns wanted{.attributes = config.attributes};
  if (config.where.empty()) return wanted;
  for (const auto& token : with_context("data.where", [&] { return condition_tokens(config.where); })) {
    if (token.kind == ConditionToken::Kind::kName) wanted.mentioned.push_back(token.text);
  }
  return wanted;
}

TableAttributes attributes_of_columns(const TextTable& table, const std::vector<size_t>& columns,
                                      const WantedColumns& wanted, MinusOne minus_one) {
  const bool minus_is_unknown = minus_one == MinusOne::kUnknown || holds_three_answers(table, columns);
  const bool chosen = !wanted.attributes.empty() && all_are_columns(wanted.attributes, table, columns);
  AttributeColumns attributes;
  for (const size_t c : columns) {
    const TextColumn& column = table.columns[c];
    const bool is_wanted = wanted.has(column.name);
    if (chosen && !is_wanted) continue;
    if (is_nameless(column.name)) {
      attributes.leave_out("columns without a name", "column " + std::to_string(c + 1));
      continue;
    }
    if (!table.is_stored(column)) {
      attributes.leave_out(kTooManyValues, column.name);
      continue;
    }
    const auto flags = flags_meaning(column, minus_is_unknown);
    const Meaning meaning = flags ? *flags : values_meaning(column);
    if (!is_wanted && tells_nothing_apart(meaning, table.rows())) {
      attributes.leave_out(kTooManyValues, column.name);
    } else {
      attributes.add(column, meaning);
    }
  }
  return attributes.result(table.rows());
}

}  // namespace patronus
