#pragma once
#include <vector>

#include "patronus/models/module_state.h"
#include "patronus/run/run_config.h"

namespace patronus {

/// Parameters that one optimiser trains, and that share a factor on the learning rate.
struct ParameterGroup {
  NamedTensors parameters;
  double learning_rate_factor = 1;
  OptimizerKind optimizer = OptimizerKind::kAdamW;
};

/// A UNet's parameters (UNet or UNet1d) by the optimiser that the settings choose. With Muon the matrices
/// and convolutions between hidden features are Muon's; what is AdamW's are embeddings, the convolutions from
/// and to the image or vector, biases and norms. No group is empty.
std::vector<ParameterGroup> unet_groups(const NamedTensors& parameters, const OptimizationConfig& config);

}  // namespace patronus
