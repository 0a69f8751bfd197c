#include "patronus/training/parameter_groups.h"

#include <algorithm>
#include <array>

namespace patronus {
namespace {

/// Parts of UNet and UNet1d with rows or columns that are pixels, vector elements, timesteps or prototypes.
constexpr std::array kOuterParts{"first.",        "final.",      "time_embeddings.", "cond_embeddings.",
                                 "initial_conv.", "final_conv.", "time_emb."};

bool is_hidden_weight(const std::string& name, const at::Tensor& parameter) {
  return parameter.dim() >= 2 &&
         std::ranges::none_of(kOuterParts, [&](const char* part) { return name.starts_with(part); });
}

}  // namespace

ParameterGroups unet_groups(const NamedTensors& parameters, const OptimizationConfig& config) {
  if (config.optimizer == OptimizerKind::kAdamW) return {.adamw = {{.parameters = parameters}}};
  ParameterGroup outer;
  ParameterGroup hidden{.parameters = {}, .learning_rate_factor = config.muon_learning_rate_factor};
  for (const auto& named : parameters) {
    (is_hidden_weight(named.first, named.second) ? hidden : outer).parameters.push_back(named);
  }
  return {.adamw = {outer}, .muon = hidden};
}

}  // namespace patronus
