#pragma once
#include <filesystem>
#include <string>

namespace patronus {

/// Folder of the configurations shipped with the program: `../share/patronus/configs` relative to it.
std::filesystem::path shipped_configs();

/// Finds a YAML file: `name` as a path, with `.yaml` appended, or among the shipped ones in `folder`. Throws
/// ConfigError, in which `kind` says what was looked for, if there is none.
std::filesystem::path find_yaml(const std::string& name, const std::filesystem::path& folder,
                                const std::string& kind);

/// Finds the configuration `name`, a path or the name of a shipped one, with `find_yaml`.
std::filesystem::path find_config(const std::string& name);

/// Expands "~" and "~/..." to the user's home folder, which shells do not do in key=value arguments.
std::filesystem::path expand_home(const std::string& path);

}  // namespace patronus
