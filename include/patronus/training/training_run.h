#pragma once
#include <filesystem>
#include <string>

#include "patronus/distributed/process_group.h"
#include "patronus/run/run_config.h"
#include "patronus/training/training_loop.h"

namespace patronus {

/// Trains in the folder `run`, or resumes from its last checkpoint, and writes metrics, pictures, prototype
/// reports and checkpoints (run/run_directory.h). Ctrl-C, SIGTERM and SIGHUP finish the step and save.
/// `command_line` is recorded. Throws ConfigError if the folder has a run with other settings, Error if
/// another process trains there, DivergedError if the loss is not finite, DataError for a problem with the
/// data set or if it has changed since the run began; in every case the last good checkpoint is kept.
/// The ranks of `group` train together: each processes an equal share of every batch (ConfigError if it
/// cannot be divided equally), and up to summation order and dropout the result is that of one process. Only
/// the first rank reads and writes in the folder; the first one on each machine decodes images. ConfigError
/// and DataError name a rank that was started with another program, configuration or data set.
TrainingOutcome run_training(const RunConfig& config, const std::filesystem::path& run,
                             const std::string& command_line, const ProcessGroup& group = {});

}  // namespace patronus
