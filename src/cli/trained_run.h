#pragma once
#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/distributed/process_group.h"
#include "patronus/run/trained_model.h"
#include "settings.h"

namespace patronus::cli {

/// How a command names a trained run: --run, --config or --checkpoint, and --weights.
struct TrainedRunOptions {
  std::string run;
  std::vector<std::string> configs;
  std::string checkpoint;
  Weights weights = Weights::kAuto;
  std::string disable = {};
  Settings settings;
  ProcessGroup ranks = {};        // that share the analysis
  std::string command_line = {};  // that asks for it
};
/// Adds --run, --config, --checkpoint and --weights.
void add_checkpoint_options(CLI::App& command, TrainedRunOptions& options);
/// The same, --data and the runtime settings.
void add_trained_run_options(CLI::App& command, TrainedRunOptions& options);
/// The same, --disable and --format.
void add_analysis_options(CLI::App& command, TrainedRunOptions& options);

/// `checkpoint` if given, else the run's last one. ConfigError when there is no such run or checkpoint.
std::filesystem::path checkpoint_path(const TrainedRunOptions& options);
TrainedModel open_trained_run(const TrainedRunOptions& options);
/// The same; ConfigError for a run without condition, whose prototypes mean nothing.
TrainedModel open_conditional_run(const TrainedRunOptions& options);

}  // namespace patronus::cli
