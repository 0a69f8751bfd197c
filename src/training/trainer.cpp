#include "patronus/training/trainer.h"

#include <ATen/Functions.h>

#include "patronus/core/random.h"
#include "patronus/run/initial_prototypes.h"

namespace patronus {
namespace {

ParameterGroups parameter_groups(const PatronusModel& model, const TrainingConfig& config) {
  ParameterGroup encoder{.parameters = {}, .learning_rate_factor = config.encoder_learning_rate_factor};
  NamedTensors unet;
  for (const auto& named : model.parameters()) {
    (named.first.starts_with("proactBlock.") ? encoder.parameters : unet).push_back(named);
  }
  auto groups = unet_groups(unet, config);
  if (!encoder.parameters.empty()) groups.adamw.push_back(encoder);
  return groups;
}

/// Without a condition, the encoder is not trained and its penalties do not apply.
LossOptions configured_losses(const RunConfig& config, Precision precision, const ProcessGroup& group) {
  LossOptions options{.prediction = config.diffusion.prediction,
                      .micro_batches = config.training.accumulate,
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
  use_channels_last(*model.unet);
  return model;
}

}  // namespace

Trainer::Trainer(const RunConfig& config, int64_t total_steps, at::Device device, Precision precision,
                 const ProcessGroup& group)
    : config_(config),
      device_(device),
      group_(group),
      schedule_(config.diffusion, device),
      loss_options_(configured_losses(config, precision, group)),
      decorrelation_(config.model.prototypes.count, config.training.decorrelation_memory, device),
      model_(model_on(config, device)),
      ema_(model_on(config, device)),
      optimization_(
          config.training, total_steps, parameter_groups(model_, config.training), model_.state(),
          ema_.state(),
          [this](const TrainingBatch& batch) {
            Losses losses = backpropagate(model_, schedule_, batch, loss_options_, &decorrelation_);
            all_reduce(losses);
            return losses;
          },
          uses_cuda_graphs(device) && group.size() == 1) {
  model_.train();
  ema_.eval();
}

void Trainer::initialize_prototypes(const Dataset& train) {
  choose_initial_prototypes(model_, config_, train);
  optimization_.load_weights(optimization_.model());
}

void Trainer::broadcast_from_first_rank() {
  if (group_.size() == 1) return;
  Checkpoint state = checkpoint();
  const auto steps = at::tensor({state.step, state.optimizer.at("step").integer()},
                                at::TensorOptions(device_).dtype(at::kLong));
  std::vector<at::Tensor> tensors{steps};
  for (const auto* named : {&state.model, &state.ema, &state.decorrelation}) {
    for (const auto& [name, tensor] : *named) tensors.push_back(tensor);
  }
  for (const auto& tensor : optimizer_tensors(state.optimizer)) tensors.push_back(tensor);
  group_.broadcast(tensors);
  state.step = steps[0].item<int64_t>();
  state.optimizer.set("step", steps[1].item<int64_t>());
  restore(state);
}

void Trainer::all_reduce(const Losses& losses) const {
  if (group_.size() == 1) return;
  std::vector<at::Tensor> tensors;
  for (const auto& parameter : optimization_.parameters()) tensors.push_back(parameter.grad());
  map_losses(losses, [&](const at::Tensor& loss) { return tensors.emplace_back(loss); });
  group_.average(tensors);
}

/// Only dropout may differ between ranks.
void Trainer::seed_dropout() const {
  if (group_.size() == 1) return;
  const int64_t index = optimization_.steps() * group_.size() + group_.rank();
  seed_default_generators(config_.seed_for("dropout", index), device_);
}

StepResult Trainer::train_step(const at::Tensor& images) {
  seed_default_generators(config_.seed_for("step", optimization_.steps()), device_);
  const auto batch = draw_training_batch(to_device(images, device_), schedule_.timesteps(),
                                         config_.training.horizontal_flip, group_);
  seed_dropout();
  return optimization_.step(batch);
}

Checkpoint Trainer::checkpoint() const {
  return {.step = optimization_.steps(),
          .config = config_,
          .model = optimization_.model(),
          .ema = optimization_.ema(),
          .optimizer = optimization_.optimizer(),
          .decorrelation = decorrelation_.state()};
}

void Trainer::restore(const Checkpoint& checkpoint) {
  optimization_.restore(checkpoint.step, checkpoint.model, checkpoint.ema, checkpoint.optimizer);
  if (!checkpoint.decorrelation.empty()) load_tensors(decorrelation_.state(), checkpoint.decorrelation);
}

}  // namespace patronus
