#pragma once
#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/run/configs_for_data.h"
#include "patronus/run/run_config.h"

namespace patronus::cli {

/// `key=value` settings from flags and trailing words. Flags beat words, which beat what a flag implies,
/// which beats the file.
struct Settings {
  std::vector<std::string> implied;
  std::vector<std::string> words;
  std::vector<std::string> flags;
  std::vector<std::string> all() const;
  bool has(const std::string& key) const { return value_among(all(), key).has_value(); }
};

/// Adds `flag` as a short form of the setting `key`.
void add_setting(CLI::App& command, Settings& settings, const std::string& flag, const std::string& key,
                 const std::string& help);

/// Adds --device, --threads, --precision and the trailing key=value words.
void add_runtime_settings(CLI::App& command, Settings& settings);

/// Adds --format, the formats of the figures that a command writes.
void add_figure_formats(CLI::App& command, Settings& settings);

/// Adds --sampler, --steps and --eta, by which images are drawn.
void add_sampler_options(CLI::App& command, Settings& settings);

/// The device that runtime settings ask for, without a run; sets the threads, too.
at::Device device_of(const Settings& settings);

/// Adds --config, which may be given more than once: later files win.
CLI::Option* add_config_option(CLI::App& command, std::vector<std::string>& configs, const std::string& help);

/// The configuration of files or shipped ones, of which later ones win, under these settings. `run`: the
/// folder that is trained in, if any, which may go on without the run that it began --from.
RunConfig configuration(const std::vector<std::string>& configs, const Settings& settings,
                        const std::filesystem::path& run = {});

/// The folder of a run: `run` as given, or runs/<config name>, names of several joined by "-". ConfigError
/// when both are empty.
std::filesystem::path run_folder(const std::string& run, const std::vector<std::string>& configs);

}  // namespace patronus::cli
