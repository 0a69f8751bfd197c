#include "patronus/training/trainer.h"

#include <ATen/Functions.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "patronus/core/random.h"
#include "patronus/run/initial_prototypes.h"

namespace patronus {
namespace {

std::vector<ParameterGroup> parameter_groups(const PatronusModel& model, double encoder_factor) {
  ParameterGroup encoder{{}, encoder_factor};
  ParameterGroup unet{{}, 1};
  for (const auto& named : model.parameters()) {
    (named.first.starts_with("proactBlock.") ? encoder : unet).parameters.push_back(named);
  }
  if (encoder.parameters.empty()) return {unet};
  return {encoder, unet};
}

/// Without a condition nothing trains the encoder, and its penalties do not apply.
LossOptions configured_losses(const RunConfig& config, Precision precision, const ProcessGroup& group) {
  LossOptions options{.prediction = config.diffusion.prediction,
                      .parts = config.training.accumulate,
                      .precision = precision,
                      .group = group};
  if (config.model.unet.condition == ConditionKind::kOff) return options;
  options.distinct_weight = config.training.distinct_weight;
  options.distinct_margin = config.training.distinct_margin;
  options.decorrelation_weight = config.training.decorrelation_weight;
  return options;
}

/// Initialised on the CPU, so that a seed gives the same weights on every device.
PatronusModel model_on(const RunConfig& config, at::Device device) {
  PatronusModel model = make_model(config);
  model.to(device);
  model.use_channels_last();
  return model;
}

/// Running statistics are not averaged again.
void copy_buffers(const PatronusModel& to, const PatronusModel& from) {
  const c10::NoGradGuard no_grad;
  const auto target = to.state();
  const auto source = from.state();
  for (size_t i = 0; i < source.size(); ++i) {
    if (!source[i].second.requires_grad()) target[i].second.copy_(source[i].second);
  }
}

}  // namespace

int64_t total_steps(const OptimizationConfig& config, int64_t examples) {
  if (config.max_steps > 0) return config.max_steps;
  return config.epochs * std::max<int64_t>(1, examples / config.batch_size);
}

Trainer::Trainer(const RunConfig& config, int64_t total_steps, at::Device device, Precision precision,
                 const ProcessGroup& group)
    : config_(config),
      total_steps_(total_steps),
      device_(device),
      group_(group),
      schedule_(config.diffusion, device),
      loss_options_(configured_losses(config, precision, group)),
      decorrelation_(config.model.prototypes.count, config.training.decorrelation_memory, device),
      model_(model_on(config, device)),
      average_(model_on(config, device)),
      optimizer_(parameter_groups(model_, config.training.encoder_learning_rate_factor),
                 {.weight_decay = config.training.weight_decay}) {
  model_.train();
  average_.eval();
}

void Trainer::choose_prototypes(const Dataset& train) {
  choose_initial_prototypes(model_, config_, train);
  average_.load_state(model_.state());
}

void Trainer::start_from(const NamedTensors& weights) {
  model_.load_state(weights);
  average_.load_state(weights);
}

void Trainer::follow_first_rank() {
  if (group_.size() == 1) return;
  Checkpoint state = checkpoint();
  const auto steps = at::tensor({state.step, state.optimizer.at("step").integer()},
                                at::TensorOptions(device_).dtype(at::kLong));
  std::vector<at::Tensor> tensors{steps};
  for (const auto* named : {&state.model, &state.ema, &state.decorrelation}) {
    for (const auto& [name, tensor] : *named) tensors.push_back(tensor);
  }
  for (const char* moment : {"exp_avg", "exp_avg_sq"}) {
    for (const auto& [name, value] : state.optimizer.at(moment).dict().entries()) {
      tensors.push_back(value.tensor());
    }
  }
  group_.broadcast(tensors);
  state.step = steps[0].item<int64_t>();
  state.optimizer.set("step", steps[1].item<int64_t>());
  restore(state);
}

void Trainer::average_over_ranks(const Losses& losses) const {
  if (group_.size() == 1) return;
  std::vector<at::Tensor> tensors;
  for (const auto& [name, parameter] : model_.parameters()) tensors.push_back(parameter.grad());
  for (const auto& loss : {losses.total, losses.denoising, losses.distinct, losses.decorrelation}) {
    if (loss.defined()) tensors.push_back(loss.detach());
  }
  group_.average(tensors);
}

/// Dropout alone differs from rank to rank.
void Trainer::seed_dropout() const {
  if (group_.size() == 1) return;
  const auto index = static_cast<uint64_t>(step_ * group_.size() + group_.rank());
  seed_default_generators(derive_seed(static_cast<uint64_t>(config_.seed), "dropout", index), device_);
}

StepResult Trainer::train_step(const at::Tensor& images) {
  seed_default_generators(
      derive_seed(static_cast<uint64_t>(config_.seed), "step", static_cast<uint64_t>(step_)), device_);
  const auto batch = draw_training_batch(images.to(device_), schedule_.timesteps(),
                                         config_.training.horizontal_flip, group_);
  seed_dropout();
  optimizer_.zero_gradients();
  StepResult result{backpropagate(model_, schedule_, batch, loss_options_, &decorrelation_), {}};
  average_over_ranks(result.losses);
  result.gradient_norm = optimizer_.clip_gradients(config_.training.clip_gradient);
  optimizer_.step(learning_rate());
  ++step_;
  if (has_average()) {
    update_average(average_.parameters(), model_.parameters(),
                   average_decay(config_.training.ema_decay, step_));
    copy_buffers(average_, model_);
  }
  return result;
}

bool Trainer::weights_are_finite() const {
  return all_finite(model_.parameters());
}

PatronusModel& Trainer::averaged_model() {
  if (!has_average()) average_.load_state(model_.state());
  return average_;
}

Checkpoint Trainer::checkpoint() const {
  return {.step = step_,
          .config = config_,
          .model = model_.state(),
          .ema = has_average() ? average_.state() : NamedTensors{},
          .optimizer = optimizer_.state(),
          .decorrelation = decorrelation_.state()};
}

void Trainer::restore(const Checkpoint& checkpoint) {
  model_.load_state(checkpoint.model);
  average_.load_state(checkpoint.ema.empty() ? checkpoint.model : checkpoint.ema);
  if (checkpoint.optimizer.size() > 0) optimizer_.load_state(checkpoint.optimizer);
  if (!checkpoint.decorrelation.empty()) load_tensors(decorrelation_.state(), checkpoint.decorrelation);
  step_ = checkpoint.step;
}

}  // namespace patronus
