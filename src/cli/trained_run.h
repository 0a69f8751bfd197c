#pragma once
#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/distributed/process_group.h"
#include "patronus/run/trained_model.h"
#include "settings.h"

namespace patronus::cli {

/// Options that select a trained model: --run, --config or --checkpoint, and --weights; and how to run it.
struct TrainedRunOptions {
  std::string run;
  std::vector<std::string> configs;
  std::string checkpoint;
  Weights weights = Weights::kAuto;
  std::string disable = {};
  Settings settings;
  ProcessGroup ranks = {};        // ranks that share the analysis
  std::string command_line = {};  // recorded with the results
};
/// Adds --run, --config, --checkpoint and --weights.
void add_checkpoint_options(CLI::App& command, TrainedRunOptions& options);
/// As add_checkpoint_options, with --data and the runtime settings.
void add_trained_run_options(CLI::App& command, TrainedRunOptions& options);
/// As add_trained_run_options, with --disable and --format.
void add_analysis_options(CLI::App& command, TrainedRunOptions& options);

/// The checkpoint of --checkpoint or, if not given, the run's last one. Throws ConfigError if there is no
/// such run or checkpoint, or if the checkpoint belongs to another run than --run.
std::filesystem::path checkpoint_path(const TrainedRunOptions& options);
/// The checkpoint of another model, which `option` names by its run or by a checkpoint: a file, or what can
/// be nothing else. If that run is still being trained, ranks may find different ones: all use the first
/// rank's.
std::filesystem::path agreed_checkpoint(const ProcessGroup& ranks, const std::string& option,
                                        const std::filesystem::path& name);
TrainedModel open_trained_run(const TrainedRunOptions& options);
/// As open_trained_run. Throws ConfigError for a run trained without condition: its prototypes mean nothing.
TrainedModel open_conditional_run(const TrainedRunOptions& options);
/// A split of the run's data set; warns if the data are other ones (`warn_of_other_data`).
Dataset open_run_split(const TrainedModel& trained, Split split);
/// Another checkpoint, for the device and the ranks of `first`; ConfigError for one of a run without
/// condition.
TrainedModel open_another_run(const TrainedModel& first, const std::filesystem::path& checkpoint,
                              Weights weights);

}  // namespace patronus::cli
