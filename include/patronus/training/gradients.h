#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

#include "patronus/models/module_state.h"

namespace patronus {

/// Gradients of the parameters, in order. Throws an error naming a parameter without gradient.
std::vector<at::Tensor> gradients_of(const NamedTensors& parameters);

void zero_gradients(const NamedTensors& parameters);

/// Scales the gradients so that their joint L2 norm is at most `max_norm` (0: no scaling). Returns the
/// previous norm, a scalar on the device.
at::Tensor clip_gradients(const NamedTensors& parameters, double max_norm);

}  // namespace patronus
