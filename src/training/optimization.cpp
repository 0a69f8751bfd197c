#include "patronus/training/optimization.h"

#include <ATen/ops/_foreach_copy.h>
#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/stack.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "patronus/training/gradients.h"

namespace patronus {
namespace {

/// Bumps versions, by which cached casts (CachedCast) notice changes: LibTorch's list operators on a GPU, and
/// replayed work, do not bump them.
void count_change(const std::vector<at::Tensor>& tensors) {
  for (const auto& tensor : tensors) tensor.unsafeGetTensorImpl()->bump_version();
}

NamedTensors parameters_of(const ParameterGroups& groups) {
  NamedTensors parameters;
  const auto add = [&](const ParameterGroup& group) {
    parameters.insert(parameters.end(), group.parameters.begin(), group.parameters.end());
  };
  std::ranges::for_each(groups.adamw, add);
  add(groups.muon);
  return parameters;
}

}  // namespace

Optimization::Optimization(const OptimizationConfig& config, int64_t total_steps,
                           const ParameterGroups& groups, NamedTensors model, NamedTensors average,
                           Backpropagate backpropagate, bool records)
    : config_(config),
      total_steps_(total_steps),
      trained_(parameters_of(groups)),
      adamw_(groups.adamw, {.weight_decay = config.weight_decay}),
      muon_(groups.muon, {.weight_decay = config.weight_decay}),
      update_(
          [this, backpropagate = std::move(backpropagate)](const TrainingBatch& batch) {
            zero_gradients(trained_);
            const Losses losses = backpropagate(batch);
            const auto norm = clip_gradients(trained_, config_.clip_gradient);
            adamw_.step();
            muon_.step();
            return StepResult{.losses = losses, .gradient_norm = norm};
          },
          records),
      model_(std::move(model)),
      ema_(std::move(average)) {
  for (size_t i = 0; i < model_.size(); ++i) {
    const bool trained = model_[i].second.requires_grad();
    (trained ? parameters_ : constants_).push_back(model_[i].second);
    (trained ? ema_parameters_ : ema_constants_).push_back(ema_[i].second);
  }
  TORCH_CHECK(parameters_.size() == trained_.size(), "the optimisers have ", trained_.size(), " of ",
              parameters_.size(), " parameters");
}

StepResult Optimization::step(const TrainingBatch& batch) {
  const double rate = learning_rate();
  adamw_.set_learning_rate(rate);
  muon_.set_learning_rate(rate);
  const StepResult result = update_(batch);
  count_change(parameters_);
  ++steps_;
  update_ema(ema_parameters_, parameters_, ema_decay_at(config_.ema_decay, steps_));
  // Constants, such as running statistics, are not averaged again.
  const c10::NoGradGuard no_grad;
  if (!constants_.empty()) at::_foreach_copy_(ema_constants_, constants_);
  return result;
}

double Optimization::learning_rate() const {
  return learning_rate_at(config_, steps_, total_steps_);
}

bool Optimization::weights_are_finite() const {
  const c10::NoGradGuard no_grad;
  return at::stack(at::_foreach_norm(parameters_)).isfinite().all().item<bool>();
}

Dict Optimization::optimizer() const {
  Dict state = adamw_.state();
  if (const Dict momentum = muon_.state(); momentum.size() > 0) state.set("momentum", momentum);
  return state;
}

void Optimization::load_weights(const NamedTensors& model, const NamedTensors& ema) {
  load_tensors(model_, model);
  load_tensors(ema_, ema.empty() ? model : ema);
}

void Optimization::restore(int64_t steps, const NamedTensors& model, const NamedTensors& ema,
                           const Dict& optimizer) {
  load_weights(model, ema);
  if (optimizer.size() > 0) {
    adamw_.load_state(optimizer);
    if (const Value* momentum = optimizer.find("momentum")) muon_.load_state(momentum->dict());
  }
  steps_ = steps;
}

std::vector<at::Tensor> optimizer_tensors(const Dict& optimizer) {
  std::vector<at::Tensor> tensors;
  for (const auto& [name, of_parameters] : optimizer.entries()) {
    if (name == "step") continue;
    for (const auto& [parameter, value] : of_parameters.dict().entries()) tensors.push_back(value.tensor());
  }
  return tensors;
}

int64_t total_steps(const OptimizationConfig& config, int64_t examples) {
  if (config.max_steps > 0) return config.max_steps;
  return config.epochs * std::max<int64_t>(1, examples / config.batch_size);
}

double learning_rate_at(const OptimizationConfig& config, int64_t step, int64_t total_steps) {
  const double warmup =
      config.warmup_steps > 0 ? std::min(1.0, double(step + 1) / double(config.warmup_steps)) : 1.0;
  if (config.learning_rate_schedule == LearningRateSchedule::kConstant) return config.learning_rate * warmup;
  const double progress = std::min(1.0, double(step) / double(total_steps));
  return config.learning_rate * warmup * 0.5 * (1 + std::cos(std::numbers::pi * progress));
}

double ema_decay_at(double ema_decay, int64_t step) {
  return std::min(ema_decay, double(1 + step) / double(10 + step));
}

void update_ema(const std::vector<at::Tensor>& average, const std::vector<at::Tensor>& values, double decay) {
  const c10::NoGradGuard no_grad;
  at::_foreach_lerp_(average, values, 1 - decay);
  count_change(average);
}

}  // namespace patronus
