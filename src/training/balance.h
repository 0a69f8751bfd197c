#pragma once
#include <string>
#include <vector>

#include "patronus/data/attribute_table.h"

namespace patronus {

/// Combinations of the values of `attributes`, which training.balance draws equally often; none where it
/// names none. Logs how many images each has, and warns of combinations that have none. Throws ConfigError
/// for an unknown attribute, and if there are fewer than two combinations.
std::vector<ValueCombination> balanced_combinations(const std::vector<std::string>& attributes,
                                                    const AttributeTable& table);

/// Hash of the combinations and of the images that have them.
std::string combinations_hash(const std::vector<ValueCombination>& combinations);

}  // namespace patronus
