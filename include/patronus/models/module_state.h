#pragma once
#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <string>
#include <utility>
#include <vector>

namespace patronus {

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

/// A module's parameters and buffers under `prefix` + name, in the order of Python's `state_dict`. They are
/// the module's own tensors: what is written into them is written into the module.
NamedTensors module_state(const torch::nn::Module& module, const std::string& prefix = "");

/// Those of a module's tensors that training changes.
NamedTensors trained_tensors(NamedTensors state);

/// Copies `values` into the tensors of `own` that have their names, cast to their types; nothing is changed
/// when they do not fit. ConfigError naming tensor and both shapes, or missing and unknown names, counted,
/// the first three named, and `advice`.
void load_tensors(const NamedTensors& own, const NamedTensors& values,
                  const std::string& advice = "use the configuration that they were trained with");

/// DataError naming a tensor that holds NaN or infinity: every picture of such a model would be black.
void require_finite(const NamedTensors& tensors);

}  // namespace patronus
