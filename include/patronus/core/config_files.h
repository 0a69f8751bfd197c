#pragma once
#include <filesystem>
#include <string>

namespace patronus {

/// The folder of the configurations that ship with the program: `../share/patronus/configs` from it.
std::filesystem::path shipped_configs();

/// Where the file `name` lies: as a path as given, with `.yaml` appended, or among those shipped in `folder`.
/// ConfigError that calls it a `kind` where there is none.
std::filesystem::path find_yaml(const std::string& name, const std::filesystem::path& folder,
                                const std::string& kind);

/// Where the configuration `name` lies, a path or the name of a shipped one, as `find_yaml` looks for it.
std::filesystem::path find_config(const std::string& name);

/// "~" and "~/..." with the user's home folder; shells leave them alone in key=value words.
std::filesystem::path home_expanded(const std::string& path);

}  // namespace patronus
