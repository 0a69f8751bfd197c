#pragma once
#include "patronus/data/dataset.h"
#include "patronus/run/checkpoint.h"
#include "patronus/run/run_config.h"
#include "patronus/training/optimization.h"

namespace patronus {

/// Trains encoder, prototypes and denoiser together (paper, section 3). All randomness of a step follows from
/// the seed and the step's number, so a restored trainer goes on exactly as one that never stopped (bit for
/// bit on a CPU with the same number of threads). On a GPU, one process launches a step as one CUDA
/// graph; several launch every operation.
class Trainer {
 public:
  /// `total_steps` is the length of training that the learning-rate schedule is laid out for. The ranks of
  /// `group` train one model together: each takes its share of every batch, and has the same weights.
  Trainer(const RunConfig& config, int64_t total_steps, at::Device device, Precision precision,
          const ProcessGroup& group = {});

  /// Before the first step: the prototypes' start on training images (run/initial_prototypes.h).
  void choose_prototypes(const Dataset& train);

  /// Before the first step: begins with these weights instead of new ones. ConfigError, naming a tensor and
  /// both shapes, when they do not fit the model.
  void start_from(const NamedTensors& weights) { optimization_.load_weights(weights); }

  /// Gives all ranks the state of the first one.
  void follow_first_rank();

  /// One optimiser step on `images` (float32 [B, C, S, S] in [-1, 1]), this rank's share of the batch. The
  /// result is that of the whole batch.
  StepResult train_step(const at::Tensor& images);

  /// The steps done, the learning rate of the next one, and the weights.
  const Optimization& optimization() const { return optimization_; }
  PatronusModel& model() { return model_; }
  /// The moving average of the weights, or the weights themselves without EMA; in evaluation mode.
  PatronusModel& ema_model() { return ema_; }
  const Schedule& schedule() const { return schedule_; }
  const LossOptions& loss_options() const { return loss_options_; }
  at::Device device() const { return device_; }

  Checkpoint checkpoint() const;
  /// ConfigError when the checkpoint does not fit the configuration.
  void restore(const Checkpoint& checkpoint);

 private:
  void seed_dropout() const;
  void all_reduce(const Losses& losses) const;

  RunConfig config_;
  at::Device device_;
  ProcessGroup group_;
  Schedule schedule_;
  LossOptions loss_options_;
  DecorrelationPenalty decorrelation_;
  PatronusModel model_;
  PatronusModel ema_;
  Optimization optimization_;
};

}  // namespace patronus
