#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "patronus/core/unknown.h"

namespace patronus {

/// What is known of every image, attribute by attribute.
struct AttributeTable {
  std::vector<std::string> names;               // [A]; "label" for class data sets
  at::Tensor values;                            // int64 [N, A]: 0, 1 ... or kUnknown
  std::vector<std::vector<std::string>> words;  // [A], what values 0, 1 ... stand for; empty: 0 no, 1 yes

  /// The table of the images at `indices` (int64 [n]).
  AttributeTable rows(const at::Tensor& indices) const;
  /// The attributes of these names, in their order. ConfigError for one that there is not.
  AttributeTable columns(const std::vector<std::string>& wanted) const;
};

/// Indices of the images for which `condition` holds, "attribute=value": int64 [n], ascending. The value is
/// one of the attribute's words ("label=cat", "age=30"), or a number where it has none, or where none of them
/// is a number. ConfigError for an attribute or value that there is not, and when no image has it.
at::Tensor images_where(const AttributeTable& table, const std::string& condition);

}  // namespace patronus
