#include "trained_run.h"

#include "options.h"
#include "patronus/analysis/disable_prototypes.h"
#include "patronus/analysis/edit.h"
#include "patronus/core/error.h"
#include "patronus/core/nearest_path.h"
#include "patronus/diffusion/samplers.h"
#include "patronus/run/run_data.h"
#include "patronus/run/run_directory.h"

namespace patronus::cli {

namespace fs = std::filesystem;

void add_checkpoint_options(CLI::App& command, TrainedRunOptions& options) {
  command.add_option("--run", options.run, "folder of the run");
  add_config_option(command, options.configs, "configuration whose default run to use: runs/<name>");
  command.add_option("--checkpoint", options.checkpoint, "checkpoint instead of the run's last one");
  add_choice(command, "--weights", options.weights, "auto (EMA if available), ema or raw");
}

void add_trained_run_options(CLI::App& command, TrainedRunOptions& options) {
  add_checkpoint_options(command, options);
  add_setting(command, options.settings, "--data", "data.path", "folder of the data set");
  add_runtime_settings(command, options.settings);
}

void add_analysis_options(CLI::App& command, TrainedRunOptions& options) {
  add_trained_run_options(command, options);
  command.add_option("--disable", options.disable,
                     "prototypes to disable, e.g. 12,40: fixed at their mean over real images");
  add_figure_formats(command, options.settings);
}

namespace {

bool is_same_folder(const fs::path& a, const fs::path& b) {
  std::error_code absent;
  return fs::equivalent(a, b, absent);
}

}  // namespace

fs::path checkpoint_path(const TrainedRunOptions& options) {
  if (!options.checkpoint.empty()) {
    const fs::path path = resolve_checkpoint(options.checkpoint);
    if (fs::is_directory(path))
      throw ConfigError(path.string() + ": is a folder; expected a file; a run is named with --run");
    if (!fs::exists(path)) {
      throw ConfigError(path.string() + ": no such checkpoint" +
                        did_you_mean_path(path, fs::file_type::regular));
    }
    if (!options.run.empty() && !is_same_folder(run_of_checkpoint(path), options.run))
      throw ConfigError("--checkpoint " + path.string() + " is not of --run " + options.run +
                        "; give one of them");
    return path;
  }
  if (options.run.empty() && options.configs.empty()) {
    throw ConfigError("which run? give --run runs/<name>, --config <name> or --checkpoint <file>");
  }
  const fs::path run = run_folder(options.run, options.configs);
  require_folder_of_run(run);
  if (const auto last = RunDirectory(run).last_checkpoint()) return *last;
  throw ConfigError(run.string() + ": holds no checkpoint; train first, or name another --run" +
                    did_you_mean_run(run));
}

fs::path agreed_checkpoint(const ProcessGroup& ranks, const std::string& option, const fs::path& name) {
  TrainedRunOptions other;
  const bool is_checkpoint = fs::is_regular_file(name) || name.extension() == ".pt";
  (is_checkpoint ? other.checkpoint : other.run) = name.string();
  const auto path = with_context(option, [&] { return checkpoint_path(other).string(); });
  return ranks.all_gather_texts("checkpoint of " + option, path).front();
}

namespace {

void require_condition(const TrainedModel& trained) {
  if (trained.model.unet->is_conditional()) return;
  throw ConfigError(
      trained.checkpoint.string() +
      ": was trained without condition (model.unet.condition: off); its prototypes mean nothing");
}

}  // namespace

TrainedModel open_trained_run(const TrainedRunOptions& options) {
  // If the run is still being trained, ranks may find different checkpoints: all use the first rank's.
  const fs::path checkpoint =
      options.ranks.all_gather_texts("checkpoint", checkpoint_path(options).string()).front();
  TrainedModel trained = load_trained_model(checkpoint, options.weights, options.settings.all());
  trained.ranks = options.ranks;
  trained.max_batch_size = trained.ranks.all_reduce_min(trained.max_batch_size);
  checked_steps(trained.config.sampling, trained.schedule);  // fails now rather than when sampling
  if (!options.disable.empty()) {
    require_condition(trained);
    disable_prototypes(trained, open_dataset(trained.config.data, Split::kTrain),
                       parse_prototypes(options.disable, trained.names));
  }
  return trained;
}

TrainedModel open_conditional_run(const TrainedRunOptions& options) {
  TrainedModel trained = open_trained_run(options);
  require_condition(trained);
  return trained;
}

Dataset open_run_split(const TrainedModel& trained, Split split) {
  DataListing data(trained.config.data);
  warn_of_other_data(RunDirectory(run_of_checkpoint(trained.checkpoint)), trained.config.data, data.report());
  return data.open(split);
}

TrainedModel open_another_run(const TrainedModel& first, const fs::path& checkpoint, Weights weights) {
  TrainedModel further = load_another_model(checkpoint, weights, first.device);
  further.ranks = first.ranks;
  require_condition(further);
  return further;
}

}  // namespace patronus::cli
