#pragma once
#include <ATen/core/Tensor.h>

#include <string>

#include "patronus/data/attribute_table.h"

namespace patronus {

/// Evaluates a condition (data/attribute_table.h) for every image: int64 [N], 1 if it holds, 0 if not,
/// kUnknown if that depends on unknown values (Kleene's logic: unknown or true is true). Throws ConfigError
/// with the position in the text for a syntax error and for an unknown attribute or value.
at::Tensor evaluate_condition(const AttributeTable& table, const std::string& condition);

/// Likely meaning of a name that is not an attribute: the attribute ("hat") or value ("label=cat") with the
/// nearest name; empty if none is near.
std::string suggest_attribute(const AttributeTable& table, const std::string& name);

}  // namespace patronus
