#pragma once
#include <string>
#include <vector>

#include "patronus/interop/tensor_file.h"
#include "patronus/models/module_state.h"

namespace patronus::test {

NamedTensors named_tensors(const Dict& dict);
std::vector<std::string> names(const NamedTensors& tensors);

/// Clones of the tensors, unaffected by later changes of the model.
NamedTensors copies(const NamedTensors& tensors);

/// Expects the same names in the same order and bitwise equal values.
void expect_same(const NamedTensors& actual, const NamedTensors& expected);

/// Integers of a list or of a one-dimensional int64 tensor.
std::vector<int64_t> integers(const Value& list);
std::vector<std::string> texts(const Value& list);

}  // namespace patronus::test
