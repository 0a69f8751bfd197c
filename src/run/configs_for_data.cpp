#include "patronus/run/configs_for_data.h"

#include <algorithm>

#include "patronus/core/config_files.h"
#include "patronus/core/load_yaml.h"
#include "patronus/core/log.h"
#include "patronus/core/text.h"
#include "patronus/data/data_config.h"
#include "patronus/io/atomic_file.h"

namespace patronus {
namespace {

using Words = std::vector<std::string>;

bool is_set(const Words& settings, const std::string& key) {
  return find_setting_value(settings, key).has_value();
}

/// Whether a configuration has a value for `key` of `section`.
bool has_value(const std::string& config, const std::string& section, const std::string& key) {
  const std::filesystem::path file = find_config(config);
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
std::string config_of_folder(const Words& configs, const Words& settings) {
  for (const std::string key : {"kind", "csv", "folders"}) {
    const auto has_it = [&](const std::string& config) { return has_value(config, "data", key); };
    if (is_set(settings, "data." + key) || std::any_of(configs.begin(), configs.end(), has_it))
      return "images";
  }
  return to_string(kind_of_folder(expand_home(*find_setting_value(settings, "data.path"))));
}

}  // namespace

std::string key_of_setting(const std::string& setting) {
  return setting.substr(0, setting.find('='));
}

std::optional<std::string> find_setting_value(const Words& settings, const std::string& key) {
  std::optional<std::string> value;
  for (const auto& word : settings) {
    if (word.starts_with(key + "=")) value = word.substr(key.size() + 1);
  }
  return value;
}

Words configs_for_data(const Words& configs, const Words& settings) {
  const bool is_known = is_set(settings, "training.from") ||
                        (!configs.empty() && is_set(settings, "data.kind")) ||
                        std::any_of(configs.begin(), configs.end(), knows_its_data);
  if (is_known || !is_set(settings, "data.path")) return configs;
  const std::string given = configs.empty() ? "" : " --config " + join(configs, " --config ");
  const std::string own = config_of_folder(configs, settings);
  log_info_once((configs.empty() ? "no --config" : "no data.kind with" + given) +
                ": the folder is taken as one for --config " + own + given);
  Words all{own};
  all.insert(all.end(), configs.begin(), configs.end());
  return all;
}

}  // namespace patronus
