#include "patronus/data/attribute_table.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <map>

#include "data/condition.h"
#include "patronus/core/error.h"
#include "patronus/core/text.h"
#include "patronus/core/to_vector.h"
#include "patronus/core/unknown.h"

namespace patronus {

AttributeTable AttributeTable::rows(const at::Tensor& indices) const {
  return {names, values.index_select(0, indices), value_names};
}

AttributeTable AttributeTable::columns(const std::vector<std::string>& wanted) const {
  AttributeTable chosen{wanted, {}, {}};
  std::vector<int64_t> places;
  for (const auto& name : wanted) {
    const size_t place = index_of(name, names, "there is no attribute '" + name + "';");
    places.push_back(static_cast<int64_t>(place));
    chosen.value_names.push_back(value_names[place]);
  }
  chosen.values = values.index_select(1, at::tensor(places, at::kLong));
  return chosen;
}

std::string AttributeTable::value_name(size_t attribute, int64_t value) const {
  const auto& words = value_names[attribute];
  return value < std::ssize(words) ? words[static_cast<size_t>(value)] : std::to_string(value);
}

std::vector<int64_t> known_values(const at::Tensor& column) {
  return to_vector<int64_t>(std::get<0>(at::_unique(column.index_select(0, known_rows(column)))));
}

std::vector<ValueCombination> combinations_of_values(const AttributeTable& table) {
  const auto values = table.values.contiguous();
  const auto* value = values.const_data_ptr<int64_t>();
  std::map<std::vector<int64_t>, std::vector<int64_t>> rows;
  for (int64_t row = 0; row < values.size(0); ++row, value += values.size(1)) {
    const std::vector<int64_t> combination(value, value + values.size(1));
    if (std::ranges::find(combination, kUnknown) == combination.end()) rows[combination].push_back(row);
  }
  std::vector<ValueCombination> combinations;
  for (const auto& [combination, images] : rows) {
    std::vector<std::string> words;
    for (size_t a = 0; a < combination.size(); ++a) {
      words.push_back(table.names[a] + "=" + table.value_name(a, combination[a]));
    }
    combinations.push_back({join(words), at::tensor(images, at::kLong)});
  }
  return combinations;
}

MatchingImages images_where(const AttributeTable& table, const std::string& condition) {
  const at::Tensor truth = evaluate_condition(table, condition);
  const auto unknown = (truth == kUnknown).sum().item<int64_t>();
  if ((truth == 1).any().item<bool>()) return {(truth == 1).nonzero().squeeze(1), unknown};
  throw ConfigError("'" + condition + "': holds for no image" +
                    (unknown > 0 ? "; it is unknown of " + std::to_string(unknown) : ""));
}

}  // namespace patronus
