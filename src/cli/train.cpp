#include <iostream>

#include "command.h"
#include "output.h"
#include "patronus/core/contains.h"
#include "patronus/core/device.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/data/image_survey.h"
#include "patronus/run/run_directory.h"
#include "patronus/training/estimate.h"
#include "patronus/training/training_run.h"
#include "ranks.h"
#include "settings.h"

namespace patronus::cli {
namespace {

struct TrainCommand {
  std::vector<std::string> configs;
  std::string run;
  bool print_config = false;
  bool dry_run = false;
  Settings settings;
};

/// The configurations of --config, or one for the kind of data in --data (configs_for_data). Without --config
/// and --from, that of an existing run in --run, so that its training resumes.
std::vector<std::string> chosen_configs(const TrainCommand& o) {
  const auto of_run = std::filesystem::path(o.run) / "config.yaml";
  const bool is_named = !o.configs.empty() || o.settings.has("training.from");
  if (is_named || o.run.empty() || !std::filesystem::exists(of_run))
    return configs_for_data(o.configs, o.settings.all());
  log_info("no --config: with " + of_run.string());
  return {of_run.string()};
}

[[noreturn]] void fail_without_config(const std::string& run) {
  const std::string config = "a configuration file, or the name of a shipped one";
  if (run.empty()) {
    throw ConfigError("--config is required: " + config +
                      "; or --data with a folder of images, --run with one that is there, or --from RUN");
  }
  throw ConfigError(run + ": no run is there to go on with; a new one wants --config, " + config +
                    "; or --data with a folder of images, or --from RUN" + did_you_mean_run(run));
}

/// Logs how to shorten a training that would take many hours on a CPU.
void propose_short_training(const std::vector<std::string>& configs, const RunConfig& config, double hours) {
  constexpr double kManyHours = 3;
  const bool is_long = hours > kManyHours && select_device(config.runtime.device).is_cpu();
  if (!is_long || contains(configs, "small") || !config.training.from.empty()) return;
  log_info(
      "long for a CPU; add --config small, behind any other --config, for a small network and a short "
      "training");
}

int run_train(const TrainCommand& o, const std::string& command_line) {
  const auto configs = chosen_configs(o);
  const bool has_folder = !o.run.empty() || !configs.empty();
  RunConfig config =
      configuration(configs, o.settings, has_folder ? run_folder(o.run, configs) : std::filesystem::path());
  if (configs.empty() && config.training.from.empty()) fail_without_config(o.run);
  if (o.print_config) {
    std::cout << to_yaml(config);
    return 0;
  }
  const auto complete = [&config] {
    propose_format(config.data);
    config.validate();
  };
  if (o.dry_run) {
    complete();
    const TrainingEstimate estimate = estimate_training(config);
    std::cout << estimate_text(estimate);
    propose_short_training(configs, config, estimate.hours);
    return 0;
  }
  const auto folder = run_folder(o.run, configs);
  return run_on_ranks(config.runtime, [&](const ProcessGroup& group) {
    complete();
    return finish_training(run_training(config, folder, command_line, group), folder, "training");
  });
}

}  // namespace

void add_train(CLI::App& app, Invocation& invocation) {
  auto o = std::make_shared<TrainCommand>();
  auto* cmd =
      app.add_subcommand("train", "Train encoder, prototypes and denoiser; repeat the command to resume");
  cmd->footer(
      "Examples: patronus train --config celeba --data ~/celeba training.learning_rate=1e-4\n"
      "          patronus train --from runs/celeba --run runs/distinct training.distinct_weight=1");
  add_config_option(*cmd, o->configs,
                    "configuration file, or name of a shipped one; if given again, later ones win");
  add_setting(*cmd, o->settings, "--from", "training.from",
              "start from the weights and settings of this run or checkpoint");
  cmd->add_option("--run", o->run, "folder of the run (default runs/<config name>)");
  add_setting(*cmd, o->settings, "--data", "data.path", "folder of the data set");
  add_setting(*cmd, o->settings, "--where", "data.where", "images whose attributes meet a condition");
  add_setting(*cmd, o->settings, "--seed", "seed", "random seed");
  add_setting(*cmd, o->settings, "--batch-size", "training.batch_size", "images per step");
  add_setting(*cmd, o->settings, "--max-steps", "training.max_steps", "number of training steps");
  add_runtime_settings(*cmd, o->settings);
  add_figure_formats(*cmd, o->settings);
  cmd->add_flag("--print-config", o->print_config, "print the merged configuration and stop");
  cmd->add_flag("--dry-run", o->dry_run, "print parameters, memory, rate and hours, and stop");
  cmd->callback([o, &invocation] {
    invocation.takes_ranks = !o->print_config && !o->dry_run;
    invocation.selected = [o, &invocation] { return run_train(*o, invocation.command_line); };
  });
}

}  // namespace patronus::cli
