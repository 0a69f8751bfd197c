#include "data/chexpert_binarisation.h"

#include <algorithm>

#include "data/table_attributes.h"
#include "patronus/core/error.h"
#include "patronus/core/text.h"
#include "patronus/core/unknown.h"

namespace patronus {
namespace {

using Words = std::vector<std::string>;

/// Whether a cell, in lower case, means that its value is unknown.
bool is_refused_or_unknown(const std::string& lower) {
  const auto says = [&](const char* word) { return lower.find(word) != std::string::npos; };
  return is_unknown_word(lower) || says("unknown") || says("refused") || says("decline");
}

/// Whether a text contains one of `words` and no negation, as "non-Hispanic" and "Not Hispanic" do.
bool affirms(const std::string& lower, const Words& words) {
  const auto has = [&](const std::string& word) { return lower.find(word) != std::string::npos; };
  const auto first = lower.substr(0, lower.find_first_not_of("abcdefghijklmnopqrstuvwxyz"));
  const bool begins_negated = first == "no" || first.starts_with("non") || first == "not";
  const bool negated = begins_negated || has("non-") || has("non ") || has("not ");
  return !negated && std::any_of(words.begin(), words.end(), has);
}

using Answer = std::optional<bool>;  // nothing: not a value of the column

/// True for "White", "White, non-Hispanic", "White or Caucasian".
Answer is_white(const std::string& lower) {
  if (parse_signed_number(lower)) return std::nullopt;
  return lower.starts_with("white") || lower.starts_with("caucasian");
}

Answer is_hispanic(const std::string& lower) {
  if (parse_signed_number(lower)) return std::nullopt;
  return affirms(lower, {"hispanic", "latin"});
}

Answer is_in_medicare(const std::string& lower) {
  if (parse_signed_number(lower)) return std::nullopt;
  return affirms(lower, {"medicare"});
}

Answer is_yes(const std::string& lower) {
  const auto flag = parse_flag(lower);
  return flag && *flag >= 0 ? Answer(*flag == 1) : std::nullopt;
}

Answer is_normal_bmi(const std::string& lower) {
  const auto bmi = parse_signed_number(lower);
  return bmi ? Answer(*bmi >= 18.5 && *bmi <= 25.0) : std::nullopt;
}

[[noreturn]] void fail_cell(const TextTable& table, const TextColumn& column, int32_t code,
                            const std::string& expected) {
  throw DataError(table.where(column.first_row(code)) + column.name + " '" + column.texts()[code] +
                  "'; expected " + expected + ", or blank where it is unknown");
}

}  // namespace

const std::vector<Binarisation>& chexpert_binarisations() {
  using Config = ChexpertConfig;
  static const std::vector<Binarisation> all{
      {"race", &Config::race, "Race_White", is_white, "a word such as White"},
      {"ethnicity", &Config::ethnicity, "Ethnicity_Hispanic", is_hispanic, "a word such as Hispanic/Latino"},
      {"insurance", &Config::insurance, "Insurance_Medicare", is_in_medicare, "a word such as Medicare"},
      {"interpreter", &Config::interpreter, "Interpreter_Needed", is_yes, "Yes or No"},
      {"deceased", &Config::deceased, "Deceased", is_yes, "Yes or No"},
      {"bmi", &Config::bmi, "BMI_normal", is_normal_bmi, "a number"},
      {"pacemaker", &Config::pacemaker, "Pacemaker", is_yes, "0 or 1"}};
  return all;
}

std::vector<int64_t> binary_values(const TextTable& table, const TextColumn& column,
                                   const Binarisation& binarisation) {
  std::vector<int64_t> values;
  for (const auto& text : column.texts()) {
    const std::string lower = to_lower(text);
    const bool unknown = is_refused_or_unknown(lower);
    const Answer answer = unknown ? std::nullopt : binarisation.holds(lower);
    if (!unknown && !answer)
      fail_cell(table, column, static_cast<int32_t>(values.size()), binarisation.expected);
    values.push_back(unknown ? kUnknown : int64_t{*answer});
  }
  return values;
}

}  // namespace patronus
