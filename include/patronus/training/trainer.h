#pragma once
#include "patronus/data/dataset.h"
#include "patronus/run/checkpoint.h"
#include "patronus/run/run_config.h"
#include "patronus/training/optimization.h"

namespace patronus {

/// Trains encoder, prototypes and denoiser jointly (paper, section 3). All randomness of a step depends on
/// the seed and the step number, so that a restored trainer continues exactly like one that was not
/// interrupted (bit for bit on a CPU with the same number of threads). On a GPU, a single process launches
/// each step as one CUDA graph; several processes launch each operation.
class Trainer {
 public:
  /// `total_steps`: length of the learning-rate schedule. The ranks of `group` train one model together: each
  /// processes its share of every batch, and all have the same weights.
  Trainer(const RunConfig& config, int64_t total_steps, at::Device device, Precision precision,
          const ProcessGroup& group = {});

  /// Initialises the prototypes from training images (run/initial_prototypes.h). Call before the first step.
  void initialize_prototypes(const Dataset& train);

  /// Starts from these weights instead of new ones. Call before the first step. Throws ConfigError, naming a
  /// tensor and both shapes, if they do not fit the model.
  void start_from(const NamedTensors& weights) { optimization_.load_weights(weights); }

  /// Copies the state of the first rank to all ranks.
  void broadcast_from_first_rank();

  /// Takes one optimiser step on `images` (float32 [B, C, S, S] in [-1, 1]), this rank's share of the batch.
  /// Returns the result for the whole batch.
  StepResult train_step(const at::Tensor& images);

  /// Number of steps done, learning rate of the next one, and weights.
  const Optimization& optimization() const { return optimization_; }
  PatronusModel& model() { return model_; }
  /// The model with the moving average of the weights, or the weights themselves without EMA; in evaluation
  /// mode.
  PatronusModel& ema_model() { return ema_; }
  const NoiseSchedule& schedule() const { return schedule_; }
  const LossOptions& loss_options() const { return loss_options_; }
  at::Device device() const { return device_; }

  Checkpoint checkpoint() const;
  /// Continues from a checkpoint. Throws ConfigError if it does not fit the configuration.
  void restore(const Checkpoint& checkpoint);

 private:
  void seed_dropout() const;
  void all_reduce(const Losses& losses) const;

  RunConfig config_;
  at::Device device_;
  ProcessGroup group_;
  NoiseSchedule schedule_;
  LossOptions loss_options_;
  DecorrelationPenalty decorrelation_;
  PatronusModel model_;
  PatronusModel ema_;
  Optimization optimization_;
};

}  // namespace patronus
