#include "patronus/training/adamw.h"

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <limits>

#include "patronus/training/gradients.h"

namespace patronus {

FusedAdamW::FusedAdamW(const std::vector<ParameterGroup>& groups, const AdamWOptions& options)
    : options_(options) {
  for (const auto& described : groups) {
    Group group{.named_parameters = described.parameters,
                .parameters = {},
                .exp_avg = {},
                .exp_avg_sq = {},
                .steps = {},
                .learning_rate_factor = described.learning_rate_factor,
                .learning_rate = {}};
    for (const auto& [name, parameter] : described.parameters) {
      group.parameters.push_back(parameter);
      group.exp_avg.push_back(at::zeros_like(parameter));
      group.exp_avg_sq.push_back(at::zeros_like(parameter));
      group.steps.push_back(at::zeros({}, parameter.options().dtype(at::kFloat)));
    }
    // The type that the fused operator expects.
    const auto options = group.parameters.front().options();
    group.learning_rate = at::zeros({}, options.dtype(options.device().is_cpu() ? at::kDouble : at::kFloat));
    groups_.push_back(std::move(group));
  }
}

void FusedAdamW::set_learning_rate(double learning_rate) {
  constexpr double kMax = std::numeric_limits<float>::max();
  for (auto& group : groups_)
    group.learning_rate.fill_(std::min(learning_rate * group.learning_rate_factor, kMax));
}

void FusedAdamW::step() {
  const c10::NoGradGuard no_grad;
  for (auto& group : groups_) {
    at::_foreach_add_(group.steps, 1);
    at::_fused_adamw_(group.parameters, gradients_of(group.named_parameters), group.exp_avg, group.exp_avg_sq,
                      {}, group.steps, group.learning_rate, options_.beta1, options_.beta2,
                      options_.weight_decay, options_.eps, /*amsgrad=*/false, /*maximize=*/false);
  }
}

Dict FusedAdamW::state() const {
  Dict exp_avg, exp_avg_sq, state;
  for (const auto& group : groups_) {
    for (size_t i = 0; i < group.named_parameters.size(); ++i) {
      exp_avg.set(group.named_parameters[i].first, group.exp_avg[i]);
      exp_avg_sq.set(group.named_parameters[i].first, group.exp_avg_sq[i]);
    }
  }
  state.set("step", static_cast<int64_t>(groups_.front().steps.front().item<float>()));
  state.set("exp_avg", exp_avg);
  state.set("exp_avg_sq", exp_avg_sq);
  return state;
}

void FusedAdamW::load_state(const Dict& state) {
  const c10::NoGradGuard no_grad;
  const auto step = static_cast<float>(state.at("step").integer());
  for (auto& group : groups_) {
    for (size_t i = 0; i < group.named_parameters.size(); ++i) {
      const auto& name = group.named_parameters[i].first;
      group.exp_avg[i].copy_(state.at("exp_avg").dict().at(name).tensor());
      group.exp_avg_sq[i].copy_(state.at("exp_avg_sq").dict().at(name).tensor());
      group.steps[i].fill_(step);
    }
  }
}

}  // namespace patronus
