#include "patronus/models/patronus_model.h"

#include <ATen/Functions.h>

namespace patronus {

PatronusModel::PatronusModel(int64_t image_channels, int64_t image_size, const ModelConfig& config,
                             bool zero_output, int64_t timesteps)
    : encoder(image_channels, image_size, config.encoder, config.prototypes),
      unet(UNetShape{.image_channels = image_channels,
                     .image_size = image_size,
                     .prototypes = config.prototypes.count,
                     .standardize = config.prototypes.standardize,
                     .zero_output = zero_output,
                     .timesteps = timesteps},
           config.unet) {
  if (unet->is_conditional()) return;
  for (auto& parameter : encoder->parameters()) parameter.requires_grad_(false);
}

NamedTensors PatronusModel::parameters() const {
  return trainable_tensors(state());
}

NamedTensors PatronusModel::state() const {
  NamedTensors state = module_state(*encoder, "proactBlock.");
  for (auto& named : module_state(*unet)) state.push_back(std::move(named));
  return state;
}

void PatronusModel::load_state(const NamedTensors& values) {
  load_tensors(state(), values);
}

void PatronusModel::train(bool on) {
  encoder->train(on);
  unet->train(on);
}

void PatronusModel::to(at::Device device) {
  encoder->to(device);
  unet->to(device);
}

ParameterCounts count_parameters(const PatronusModel& model) {
  ParameterCounts counts;
  for (const auto& [name, parameter] : model.parameters()) {
    (name.starts_with("proactBlock.") ? counts.encoder : counts.unet) += parameter.numel();
  }
  return counts;
}

}  // namespace patronus
