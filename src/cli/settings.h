#pragma once
#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/run/configs_for_data.h"
#include "patronus/run/run_config.h"

namespace patronus::cli {

/// `key=value` settings. Flags take precedence over trailing words, these over settings implied by a flag,
/// and these over the configuration file.
struct Settings {
  std::vector<std::string> implied;
  std::vector<std::string> words;
  std::vector<std::string> flags;
  std::vector<std::string> all() const;
  bool has(const std::string& key) const { return find_setting_value(all(), key).has_value(); }
};

/// Adds `flag` as a short form of the setting `key`.
void add_setting(CLI::App& command, Settings& settings, const std::string& flag, const std::string& key,
                 const std::string& help);

/// Adds --device, --threads, --precision and the trailing key=value words.
void add_runtime_settings(CLI::App& command, Settings& settings);

/// Adds --format, the file formats of figures.
void add_figure_formats(CLI::App& command, Settings& settings);

/// Adds --sampler, --steps and --eta, the settings for sampling images.
void add_sampler_options(CLI::App& command, Settings& settings);

/// Applies the runtime settings to this process and returns the selected device, for commands without a run.
at::Device device_of(const Settings& settings);

/// Adds --config, which may be repeated; later files take precedence.
CLI::Option* add_config_option(CLI::App& command, std::vector<std::string>& configs, const std::string& help);

/// Loads configurations (files, or names of shipped ones; later ones take precedence) and applies `settings`.
/// `run`: folder to train in, if any; once it has a checkpoint, its settings replace those of --from.
RunConfig configuration(const std::vector<std::string>& configs, const Settings& settings,
                        const std::filesystem::path& run = {});

/// Folder of a run: `run` or, if empty, runs/<name> with the names of `configs` joined by "-". Throws
/// ConfigError if both are empty.
std::filesystem::path run_folder(const std::string& run, const std::vector<std::string>& configs);

}  // namespace patronus::cli
