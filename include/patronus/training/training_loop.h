#pragma once
#include <cstdint>
#include <string>

#include "patronus/distributed/process_group.h"
#include "patronus/run/checkpoint.h"
#include "patronus/run/run_config.h"
#include "patronus/run/run_directory.h"
#include "patronus/training/metrics_log.h"
#include "patronus/training/optimization.h"

namespace patronus {

/// Result of a training.
struct TrainingOutcome {
  enum class State { kDone, kAlreadyDone, kInterrupted };
  State state;
  int64_t step;
  int signal = 0;  // SIGINT, SIGTERM or SIGHUP if interrupted
};

/// Interface of a model in training for the training loop.
class TrainingTask {
 public:
  virtual ~TrainingTask() = default;
  /// Number of steps done, learning rate of the next one, and weights.
  virtual const Optimization& optimization() const = 0;
  /// Takes one optimiser step on the batch of that step.
  virtual StepResult train_step() = 0;
  /// Logs metrics and pictures of the current model.
  virtual void preview(MetricsLog& log) = 0;
  /// Plots the losses logged so far.
  virtual void draw_losses() const = 0;
  /// Copies the current state, to be written while training continues.
  virtual CheckpointWriter snapshot() const = 0;
};

struct TrainingLoopOptions {
  std::string section;  // section of the settings for messages, "training" or "latent"
  std::string config;   // YAML, written beside the checkpoints
  int64_t total_steps;
  int64_t preview_every;           // 0: no previews
  int64_t total_steps_before = 0;  // with the settings of the resumed checkpoint; 0: a new training
  ProcessGroup group = {};         // only the first rank previews and writes
};

/// Trains in the folder `run` from the task's current step to `total_steps`, and writes metrics, previews,
/// losses, status and checkpoints. On Ctrl-C, SIGTERM or SIGHUP (with an InterruptGuard) to any rank,
/// finishes the step, saves and plots the losses. Throws DivergedError if a loss or weight is not finite; the
/// last good checkpoint is kept.
TrainingOutcome run_training_loop(TrainingTask& task, const RunDirectory& run,
                                  const OptimizationConfig& config, const TrainingLoopOptions& options);

/// Completes a training that had reached its end at `step`: repeats what follows the last checkpoint, during
/// which it may have been killed.
TrainingOutcome finish_completed_training(const RunDirectory& run, int64_t step, int64_t keep_checkpoints);

/// Starts the run's log file and records device, precision, threads, seed and command line.
void begin_log(const RunDirectory& run, const RunConfig& config, at::Device device, Precision precision,
               const std::string& command_line);

}  // namespace patronus
