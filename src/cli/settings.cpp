#include "settings.h"

#include <algorithm>

#include "patronus/core/config_files.h"
#include "patronus/core/error.h"
#include "patronus/core/load_yaml.h"
#include "patronus/core/log.h"
#include "patronus/core/text.h"
#include "patronus/io/atomic_file.h"

namespace patronus::cli {

namespace fs = std::filesystem;

std::vector<std::string> Settings::all() const {
  std::vector<std::string> settings = implied;
  settings.insert(settings.end(), words.begin(), words.end());
  settings.insert(settings.end(), flags.begin(), flags.end());
  return settings;
}

std::optional<std::string> Settings::value(const std::string& key) const {
  std::optional<std::string> value;
  for (const auto& word : all()) {
    if (word.starts_with(key + "=")) value = word.substr(key.size() + 1);
  }
  return value;
}

void add_setting(CLI::App& command, Settings& settings, const std::string& flag, const std::string& key,
                 const std::string& help) {
  command
      .add_option_function<std::string>(
          flag, [&settings, key](const std::string& value) { settings.flags.push_back(key + "=" + value); },
          help + " (" + key + ")")
      ->take_last();
}

void add_runtime_settings(CLI::App& command, Settings& settings) {
  add_setting(command, settings, "--device", "runtime.device", "auto, cpu, cuda or cuda:N");
  add_setting(command, settings, "--threads", "runtime.threads", "CPU threads");
  add_setting(command, settings, "--precision", "runtime.precision", "auto, fp32, tf32 or bf16");
  command.add_option("settings", settings.words, "key=value pairs that override the configuration");
}

void add_figure_formats(CLI::App& command, Settings& settings) {
  command
      .add_option_function<std::string>(
          "--format",
          [&settings](const std::string& formats) {
            settings.flags.push_back("runtime.figures=[" + formats + "]");
          },
          "figure formats: png, pdf or svg, or several, e.g. png,pdf (runtime.figures)")
      ->take_last();
}

void add_sampler_options(CLI::App& command, Settings& settings) {
  command
      .add_option_function<std::string>(
          "--sampler",
          [&settings](const std::string& name) {
            settings.flags.push_back("sampling.sampler=" + name);
            settings.implied.push_back("sampling.steps=0");  // another sampler has its own number of steps
          },
          "ddim, ddpm, dpm-solver or dpm-solver-3 (sampling.sampler)")
      ->take_last();
  add_setting(command, settings, "--steps", "sampling.steps", "denoising steps");
  add_setting(command, settings, "--eta", "sampling.eta", "share of fresh noise in DDIM");
}

at::Device device_of(const Settings& settings) {
  return runtime_config(settings.all()).apply();
}

CLI::Option* add_config_option(CLI::App& command, std::vector<std::string>& configs,
                               const std::string& help) {
  return command.add_option("--config", configs, help)->take_all()->allow_extra_args(false);
}

namespace {

/// Whether a configuration has a value for `key` of `section`.
bool has_value(const std::string& config, const std::string& section, const std::string& key) {
  const fs::path file = find_config(config);
  const YAML::Node root = load_yaml(read_file(file), file.string(), "a configuration");
  if (!root.IsMap()) return false;
  const bool is_nested = root[section] && root[section].IsMap() && root[section][key];
  return is_nested || root[section + "." + key];
}

/// Whether a configuration says what its data are, or which run's settings it changes.
bool knows_its_data(const std::string& config) {
  return has_value(config, "data", "kind") || has_value(config, "training", "from");
}

/// The shipped configuration that a folder of data wants: of images, whatever the files are, where it is told
/// how these are to be taken.
std::string config_of_folder(const std::vector<std::string>& configs, const Settings& settings) {
  for (const std::string key : {"kind", "csv", "folders"}) {
    const auto has_it = [&](const std::string& config) { return has_value(config, "data", key); };
    if (settings.has("data." + key) || std::any_of(configs.begin(), configs.end(), has_it)) return "images";
  }
  return to_string(kind_of_folder(home_expanded(*settings.value("data.path"))));
}

}  // namespace

std::vector<std::string> configs_for_data(const std::vector<std::string>& configs, const Settings& settings) {
  const bool is_known = settings.has("training.from") || (!configs.empty() && settings.has("data.kind")) ||
                        std::any_of(configs.begin(), configs.end(), knows_its_data);
  if (is_known || !settings.has("data.path")) return configs;
  const std::string given = configs.empty() ? "" : " --config " + join(configs, " --config ");
  const std::string own = config_of_folder(configs, settings);
  log_info((configs.empty() ? "no --config" : "no data.kind with" + given) +
           ": the folder is taken as one for --config " + own + given);
  std::vector<std::string> all{own};
  all.insert(all.end(), configs.begin(), configs.end());
  return all;
}

RunConfig configuration(const std::vector<std::string>& configs, const Settings& settings,
                        const fs::path& run) {
  std::vector<fs::path> files;
  for (const auto& name : configs) files.push_back(find_config(name));
  return load_run_config(files, settings.all(), run);
}

fs::path run_folder(const std::string& run, const std::vector<std::string>& configs) {
  // "runs/a/" is "runs/a".
  if (!run.empty()) return fs::path(run).has_filename() ? fs::path(run) : fs::path(run).parent_path();
  std::vector<std::string> names;
  for (const auto& config : configs) {
    const fs::path file = fs::path(config).filename();
    names.push_back((file.extension() == ".yaml" ? file.stem() : file).string());
  }
  if (!names.empty()) return fs::path("runs") / join(names, "-");
  throw ConfigError("which run? give --run runs/<name> or --config <name>");
}

}  // namespace patronus::cli
