#pragma once
#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <string>
#include <utility>
#include <vector>

namespace patronus {

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

/// A module's parameters and buffers, named `prefix` + name, in the order of Python's `state_dict`. The
/// tensors are shared: writing into them changes the module.
NamedTensors module_state(const torch::nn::Module& module, const std::string& prefix = "");

/// The tensors of a module's state that training changes.
NamedTensors trainable_tensors(NamedTensors state);

/// Copies `values` into the tensors of `own` with the same names, cast to their types. If they do not fit,
/// changes nothing and throws ConfigError with the tensor and both shapes, or the number of missing and
/// unknown names and the first three, and `advice`.
void load_tensors(const NamedTensors& own, const NamedTensors& values,
                  const std::string& advice = "use the configuration that they were trained with");

/// Lays out the weights of a module's convolutions as [N, H, W, C], in which LibTorch convolves fastest on a
/// CPU and in half precision on a GPU. Tensors keep their identity and their values.
void use_channels_last(torch::nn::Module& module);

/// Throws DataError naming a tensor with NaN or infinity; all images of such a model would be black.
void require_finite(const NamedTensors& tensors);

}  // namespace patronus
