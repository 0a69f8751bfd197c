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

/// How a training ended.
struct TrainingOutcome {
  enum class State { kDone, kAlreadyDone, kInterrupted };
  State state;
  int64_t step;
  int signal = 0;  // when interrupted: SIGINT, SIGTERM or SIGHUP
};

/// A model in training, as the loop sees it.
class TrainingTask {
 public:
  virtual ~TrainingTask() = default;
  /// The steps done, the learning rate of the next one, and the weights.
  virtual const Optimization& optimization() const = 0;
  /// One optimiser step on the batch that belongs to it.
  virtual StepResult train_step() = 0;
  /// Reports and pictures of the model as it is now.
  virtual void preview(MetricsLog& log) = 0;
  /// The losses over the steps, as far as they are logged.
  virtual void draw_losses() const = 0;
  /// The state as it is now, to be written while training goes on.
  virtual CheckpointWriter snapshot() const = 0;
};

struct TrainingLoopOptions {
  std::string section;  // that the settings come from, "training" or "latent", for messages
  std::string config;   // YAML, written beside the checkpoints
  int64_t total_steps;
  int64_t preview_every;
  ProcessGroup group = {};  // of which the first rank alone previews and writes
};

/// Trains in the folder `run` from the task's step on until `total_steps`: metrics, previews, losses, status
/// and checkpoints as it goes. Ctrl-C, SIGTERM and SIGHUP (under an InterruptGuard), to whichever rank,
/// finish the step, save and draw the losses. DivergedError when a loss or weight is no longer finite; the
/// last good checkpoint survives.
TrainingOutcome run_training_loop(TrainingTask& task, const RunDirectory& run,
                                  const OptimizationConfig& config, const TrainingLoopOptions& options);

/// Ends a training once more that had ended at `step`: repeats what follows its last checkpoint, for it may
/// have been killed in the midst of that.
TrainingOutcome end_again(const RunDirectory& run, int64_t step, int64_t keep_checkpoints);

/// Starts the run's log file and records device, precision, threads, seed and command line.
void begin_log(const RunDirectory& run, const RunConfig& config, at::Device device, Precision precision,
               const std::string& command_line);

}  // namespace patronus
