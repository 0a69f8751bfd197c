#include "settings.h"

#include "patronus/core/config_files.h"
#include "patronus/core/error.h"
#include "patronus/core/text.h"

namespace patronus::cli {

namespace fs = std::filesystem;

std::vector<std::string> Settings::all() const {
  std::vector<std::string> settings = implied;
  settings.insert(settings.end(), words.begin(), words.end());
  settings.insert(settings.end(), flags.begin(), flags.end());
  return settings;
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
            for (const char* own : {"sampling.steps=0", "sampling.eta=0"})  // the new sampler's defaults
              settings.implied.push_back(own);
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

RunConfig configuration(const std::vector<std::string>& configs, const Settings& settings,
                        const fs::path& run) {
  std::vector<fs::path> files;
  for (const auto& name : configs) files.push_back(find_config(name));
  return load_run_config(files, settings.all(), run);
}

fs::path run_folder(const std::string& run, const std::vector<std::string>& configs) {
  // Removes a trailing slash: "runs/a/" has no file name.
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
