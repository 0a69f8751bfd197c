#pragma once
#include <filesystem>
#include <string>

#include "patronus/distributed/process_group.h"
#include "patronus/run/run_config.h"
#include "patronus/training/training_loop.h"

namespace patronus {

/// Trains in the folder `run`, or goes on from its last checkpoint: metrics, pictures, prototype reports and
/// checkpoints as it goes (run/run_directory.h). Ctrl-C, SIGTERM and SIGHUP finish the step and save.
/// `command_line` is recorded. ConfigError when the folder holds a run of other settings, Error when another
/// process trains in it, DivergedError when the loss is no
/// longer finite, DataError for the data set, also when it is not the one that the run began
/// with; the last good checkpoint survives them all.
/// The ranks of `group` train together: each takes an equal share of every batch (ConfigError where there is
/// none), and up to the order of summation and dropout the run is that of one process. The first rank alone
/// reads and writes in the folder, the first one on each machine decodes images. ConfigError and DataError
/// name a rank that was started with another program, configuration or data set.
TrainingOutcome run_training(const RunConfig& config, const std::filesystem::path& run,
                             const std::string& command_line, const ProcessGroup& group = {});

}  // namespace patronus
