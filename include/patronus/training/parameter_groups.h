#pragma once
#include <vector>

#include "patronus/models/module_state.h"
#include "patronus/run/run_config.h"

namespace patronus {

/// Parameters with a common learning-rate factor.
struct ParameterGroup {
  NamedTensors parameters;
  double learning_rate_factor = 1;
};

/// All trainable parameters by optimiser. Groups of AdamW are not empty.
struct ParameterGroups {
  std::vector<ParameterGroup> adamw;
  ParameterGroup muon = {};
};

/// Divides the parameters of a UNet or UNet1d between the optimisers. With Muon chosen, it gets the matrices
/// and convolutions between hidden features; AdamW gets embeddings, input and output convolutions, biases and
/// norms.
ParameterGroups unet_groups(const NamedTensors& parameters, const OptimizationConfig& config);

}  // namespace patronus
