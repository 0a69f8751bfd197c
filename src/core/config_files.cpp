#include "patronus/core/config_files.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "patronus/core/child_process.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/text.h"

namespace patronus {

namespace fs = std::filesystem;

fs::path shipped_configs() {
  return fs::path(this_program()).parent_path().parent_path() / "share" / "patronus" / "configs";
}

fs::path find_yaml(const std::string& name, const fs::path& folder, const std::string& kind) {
  std::vector<fs::path> places{name, name + ".yaml"};
  if (fs::path(name).filename() == name) {
    places.push_back(folder / name);
    places.push_back(folder / (name + ".yaml"));
  }
  const auto is_there = [](const fs::path& place) {
    std::error_code error;
    return fs::is_regular_file(place, error);
  };
  for (const auto& place : places) {
    if (!is_there(place)) continue;
    const bool is_here = place.parent_path() != folder;
    if (is_here && std::any_of(places.begin() + 2, places.end(), is_there))
      log_warning_once(name + ": is " + fs::absolute(place).string() + ", not the shipped " + kind);
    return place;
  }
  std::vector<std::string> known;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".yaml") known.push_back(entry.path().stem().string());
  }
  std::sort(known.begin(), known.end());
  throw ConfigError(name + ": no such " + kind + "; the shipped ones are " + join(known) +
                    did_you_mean(name, known));
}

fs::path find_config(const std::string& name) {
  return find_yaml(name, shipped_configs(), "configuration file");
}

fs::path home_expanded(const std::string& path) {
  const char* home = std::getenv("HOME");
  if (!home || (path != "~" && !path.starts_with("~/"))) return path;
  return fs::path(home) / fs::path(path.substr(1)).relative_path();
}

}  // namespace patronus
