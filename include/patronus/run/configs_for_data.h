#pragma once
#include <optional>
#include <string>
#include <vector>

namespace patronus {

/// The key of a setting: "a.b" of "a.b=value".
std::string key_of_setting(const std::string& setting);

/// Value of `key` in `settings` ("a.b=value"); the last one if there are several.
std::optional<std::string> find_setting_value(const std::vector<std::string>& settings,
                                              const std::string& key);

/// Completes `configs` if `settings` name a data folder but nothing says what kind of data it holds: the kind
/// is then detected from the files (kind_of_folder), and `configs` are applied over the shipped configuration
/// of that kind, which is logged. Else returns `configs`.
std::vector<std::string> configs_for_data(const std::vector<std::string>& configs,
                                          const std::vector<std::string>& settings);

}  // namespace patronus
