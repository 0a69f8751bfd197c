#include "patronus/training/parameter_groups.h"

#include <algorithm>
#include <array>

namespace patronus {
namespace {

/// Parts of UNet and UNet1d whose rows or columns are pixels, numbers of a vector, timesteps or prototypes.
constexpr std::array kOuterParts{"first.",        "final.",      "time_embeddings.", "cond_embeddings.",
                                 "initial_conv.", "final_conv.", "time_emb."};

bool is_hidden_weight(const std::string& name, const at::Tensor& parameter) {
  return parameter.dim() >= 2 &&
         std::ranges::none_of(kOuterParts, [&](const char* part) { return name.starts_with(part); });
}

}  // namespace

std::vector<ParameterGroup> unet_groups(const NamedTensors& parameters, const OptimizationConfig& config) {
  ParameterGroup adamw;
  ParameterGroup muon{.parameters = {},
                      .learning_rate_factor = config.muon_learning_rate_factor,
                      .optimizer = OptimizerKind::kMuon};
  for (const auto& named : parameters) {
    const bool hidden =
        config.optimizer == OptimizerKind::kMuon && is_hidden_weight(named.first, named.second);
    (hidden ? muon : adamw).parameters.push_back(named);
  }
  std::vector<ParameterGroup> groups{adamw, muon};
  std::erase_if(groups, [](const ParameterGroup& group) { return group.parameters.empty(); });
  return groups;
}

}  // namespace patronus
