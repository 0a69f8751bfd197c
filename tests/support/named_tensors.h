#pragma once
#include <string>
#include <vector>

#include "patronus/interop/tensor_file.h"
#include "patronus/models/module_state.h"

namespace patronus::test {

NamedTensors named_tensors(const Dict& dict);
std::vector<std::string> names(const NamedTensors& tensors);

/// The tensors as they are now, whatever becomes of the model.
NamedTensors copies(const NamedTensors& tensors);

/// Both have the same names in the same order, and the same values, bit for bit.
void expect_same(const NamedTensors& actual, const NamedTensors& expected);

/// A list of integers, or an int64 tensor of one dimension.
std::vector<int64_t> integers(const Value& list);
std::vector<std::string> texts(const Value& list);

}  // namespace patronus::test
