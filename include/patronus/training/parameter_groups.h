#pragma once
#include <vector>

#include "patronus/models/module_state.h"
#include "patronus/run/run_config.h"

namespace patronus {

/// Parameters that share a factor on the learning rate.
struct ParameterGroup {
  NamedTensors parameters;
  double learning_rate_factor = 1;
};

/// All that a training changes, by the optimiser that does. No group of AdamW's is empty.
struct ParameterGroups {
  std::vector<ParameterGroup> adamw;
  ParameterGroup muon = {};
};

/// A UNet's parameters (UNet or UNet1d) by the optimiser that the settings choose. With Muon the matrices and
/// convolutions between hidden features are Muon's; what is AdamW's are embeddings, the convolutions from and
/// to the image or vector, biases and norms.
ParameterGroups unet_groups(const NamedTensors& parameters, const OptimizationConfig& config);

}  // namespace patronus
