#include "patronus/training/adamw.h"

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

namespace patronus {

FusedAdamW::FusedAdamW(const std::vector<ParameterGroup>& groups, const AdamWOptions& options)
    : options_(options) {
  for (const auto& described : groups) {
    Group group{.names = {},
                .parameters = {},
                .exp_avg = {},
                .exp_avg_sq = {},
                .steps = {},
                .learning_rate_factor = described.learning_rate_factor,
                .learning_rate = {}};
    for (const auto& [name, parameter] : described.parameters) {
      group.names.push_back(name);
      group.parameters.push_back(parameter);
      group.exp_avg.push_back(at::zeros_like(parameter));
      group.exp_avg_sq.push_back(at::zeros_like(parameter));
      group.steps.push_back(at::zeros({}, parameter.options().dtype(at::kFloat)));
    }
    // Of the type that the fused operator reads it as.
    const auto options = group.parameters.front().options();
    group.learning_rate = at::zeros({}, options.dtype(options.device().is_cpu() ? at::kDouble : at::kFloat));
    groups_.push_back(std::move(group));
  }
}

std::vector<at::Tensor> FusedAdamW::gradients(const Group& group) {
  std::vector<at::Tensor> result;
  for (size_t i = 0; i < group.parameters.size(); ++i) {
    TORCH_CHECK(group.parameters[i].grad().defined(), group.names[i], " has no gradient");
    result.push_back(group.parameters[i].grad());
  }
  return result;
}

void FusedAdamW::zero_gradients() {
  for (auto& group : groups_) {
    for (auto& parameter : group.parameters) parameter.mutable_grad().reset();
  }
}

void FusedAdamW::set_learning_rate(double learning_rate) {
  for (auto& group : groups_) group.learning_rate.fill_(learning_rate * group.learning_rate_factor);
}

at::Tensor FusedAdamW::step(double max_norm) {
  const c10::NoGradGuard no_grad;
  std::vector<std::vector<at::Tensor>> of_groups;
  std::vector<at::Tensor> all;
  for (const auto& group : groups_) {
    of_groups.push_back(gradients(group));
    all.insert(all.end(), of_groups.back().begin(), of_groups.back().end());
  }
  auto norm = at::stack(at::_foreach_norm(all)).norm();
  if (max_norm > 0) at::_foreach_mul_(all, (max_norm / (norm + 1e-6)).clamp_max(1));
  for (size_t i = 0; i < groups_.size(); ++i) {
    Group& group = groups_[i];
    at::_foreach_add_(group.steps, 1);
    at::_fused_adamw_(group.parameters, of_groups[i], group.exp_avg, group.exp_avg_sq, {}, group.steps,
                      group.learning_rate, options_.beta1, options_.beta2, options_.weight_decay,
                      options_.eps, /*amsgrad=*/false, /*maximize=*/false);
  }
  return norm;
}

Dict FusedAdamW::state() const {
  Dict exp_avg, exp_avg_sq, state;
  for (const auto& group : groups_) {
    for (size_t i = 0; i < group.names.size(); ++i) {
      exp_avg.set(group.names[i], group.exp_avg[i]);
      exp_avg_sq.set(group.names[i], group.exp_avg_sq[i]);
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
    for (size_t i = 0; i < group.names.size(); ++i) {
      group.exp_avg[i].copy_(state.at("exp_avg").dict().at(group.names[i]).tensor());
      group.exp_avg_sq[i].copy_(state.at("exp_avg_sq").dict().at(group.names[i]).tensor());
      group.steps[i].fill_(step);
    }
  }
}

}  // namespace patronus
