#include "patronus/training/optimizer.h"

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace patronus {

FusedAdamW::FusedAdamW(std::vector<ParameterGroup> groups, const AdamWOptions& options) : options_(options) {
  for (auto& described : groups) {
    Group group{.names = {},
                .parameters = {},
                .exp_avg = {},
                .exp_avg_sq = {},
                .steps = {},
                .learning_rate_factor = described.learning_rate_factor};
    for (const auto& [name, parameter] : described.parameters) {
      group.names.push_back(name);
      group.parameters.push_back(parameter);
      group.exp_avg.push_back(at::zeros_like(parameter));
      group.exp_avg_sq.push_back(at::zeros_like(parameter));
      group.steps.push_back(at::zeros({}, parameter.options().dtype(at::kFloat)));
    }
    groups_.push_back(std::move(group));
  }
}

std::vector<at::Tensor> FusedAdamW::gradients(const Group& group) const {
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

at::Tensor FusedAdamW::clip_gradients(double max_norm) {
  const c10::NoGradGuard no_grad;
  std::vector<at::Tensor> all;
  for (const auto& group : groups_) {
    for (auto& gradient : gradients(group)) all.push_back(std::move(gradient));
  }
  const auto norm = at::stack(at::_foreach_norm(all)).norm();
  if (max_norm > 0) at::_foreach_mul_(all, (max_norm / (norm + 1e-6)).clamp_max(1));
  return norm;
}

void FusedAdamW::step(double learning_rate) {
  const c10::NoGradGuard no_grad;
  for (auto& group : groups_) {
    at::_foreach_add_(group.steps, 1);
    at::_fused_adamw_(group.parameters, gradients(group), group.exp_avg, group.exp_avg_sq, {}, group.steps,
                      learning_rate * group.learning_rate_factor, options_.beta1, options_.beta2,
                      options_.weight_decay, options_.eps, /*amsgrad=*/false, /*maximize=*/false);
    // The fused operator does not count the change, by which casts that are kept (CastParameter) know of it.
    for (const auto& parameter : group.parameters) parameter.unsafeGetTensorImpl()->bump_version();
  }
}

Dict FusedAdamW::state() const {
  Dict exp_avg, exp_avg_sq, state;
  for (const auto& group : groups_) {
    for (size_t i = 0; i < group.names.size(); ++i) {
      exp_avg.set(group.names[i], group.exp_avg[i]);
      exp_avg_sq.set(group.names[i], group.exp_avg_sq[i]);
    }
  }
  const auto& steps = groups_.front().steps;
  state.set("step", steps.empty() ? int64_t{0} : static_cast<int64_t>(steps.front().item<float>()));
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

double learning_rate_at(const OptimizationConfig& config, int64_t step, int64_t total_steps) {
  const double warmup =
      config.warmup_steps > 0 ? std::min(1.0, double(step + 1) / double(config.warmup_steps)) : 1.0;
  if (config.learning_rate_schedule == LearningRateSchedule::kConstant) return config.learning_rate * warmup;
  const double progress = std::min(1.0, double(step) / double(total_steps));
  return config.learning_rate * warmup * 0.5 * (1 + std::cos(std::numbers::pi * progress));
}

double average_decay(double ema_decay, int64_t step) {
  return std::min(ema_decay, double(1 + step) / double(10 + step));
}

void update_average(const NamedTensors& average, const NamedTensors& values, double decay) {
  const c10::NoGradGuard no_grad;
  std::vector<at::Tensor> to, from;
  for (size_t i = 0; i < average.size(); ++i) {
    to.push_back(average[i].second);
    from.push_back(values[i].second);
  }
  at::_foreach_lerp_(to, from, 1 - decay);
}

bool all_finite(const NamedTensors& tensors) {
  const c10::NoGradGuard no_grad;
  std::vector<at::Tensor> values;
  for (const auto& [name, tensor] : tensors) values.push_back(tensor);
  return at::stack(at::_foreach_norm(values)).isfinite().all().item<bool>();
}

}  // namespace patronus
