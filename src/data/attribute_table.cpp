#include "patronus/data/attribute_table.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "data/condition.h"
#include "patronus/core/error.h"
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

MatchingImages images_where(const AttributeTable& table, const std::string& condition) {
  const at::Tensor truth = evaluate_condition(table, condition);
  const auto unknown = (truth == kUnknown).sum().item<int64_t>();
  if ((truth == 1).any().item<bool>()) return {(truth == 1).nonzero().squeeze(1), unknown};
  throw ConfigError("'" + condition + "': holds for no image" +
                    (unknown > 0 ? "; it is unknown of " + std::to_string(unknown) : ""));
}

}  // namespace patronus
