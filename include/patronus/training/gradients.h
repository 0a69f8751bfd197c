#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

#include "patronus/models/module_state.h"

namespace patronus {

/// The gradients of parameters, in their order. An error names a parameter that has none.
std::vector<at::Tensor> gradients_of(const NamedTensors& parameters);

void zero_gradients(const NamedTensors& parameters);

/// Scales the gradients so that their common L2 norm is at most `max_norm` (0: leaves them). Gives the norm
/// before, a scalar on the device.
at::Tensor clip_gradients(const NamedTensors& parameters, double max_norm);

}  // namespace patronus
