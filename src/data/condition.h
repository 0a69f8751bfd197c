#pragma once
#include <ATen/core/Tensor.h>

#include <string>

#include "patronus/data/attribute_table.h"

namespace patronus {

/// What a condition (data/attribute_table.h) says of every image: int64 [N], 1 where it holds, 0 where it
/// does not, kUnknown where that depends on values that nobody knows (Kleene's logic: unknown or true is
/// true). ConfigError, with the place in the text, for what is no condition, and for attributes and values
/// that there are not.
at::Tensor evaluate_condition(const AttributeTable& table, const std::string& condition);

/// What a name that is no attribute's is likely to stand for: an attribute, "hat", or a class with its own,
/// "label=cat"; empty where none is called so or nearly so.
std::string attribute_meant(const AttributeTable& table, const std::string& name);

}  // namespace patronus
