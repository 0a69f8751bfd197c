#include "patronus/core/config_files.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <vector>

#include "patronus/core/child_process.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/nearest_path.h"
#include "patronus/core/text.h"

namespace patronus {

namespace fs = std::filesystem;

namespace {

std::optional<fs::path> first_file(const std::vector<fs::path>& places) {
  for (const auto& place : places) {
    if (std::error_code error; fs::is_regular_file(place, error)) return place;
  }
  return std::nullopt;
}

}  // namespace

fs::path shipped_configs() {
  return fs::path(this_program()).parent_path().parent_path() / "share" / "patronus" / "configs";
}

fs::path find_yaml(const std::string& name, const fs::path& folder, const std::string& kind) {
  const auto here = first_file({name, name + ".yaml"});
  const bool may_be_shipped = fs::path(name).filename() == name;
  const auto shipped = may_be_shipped ? first_file({folder / name, folder / (name + ".yaml")}) : std::nullopt;
  if (here && shipped && !fs::equivalent(*here, *shipped))
    log_warning_once(name + ": is " + fs::absolute(*here).string() + ", not the shipped " + kind);
  if (here) return *here;
  if (shipped) return *shipped;
  std::vector<std::string> known;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".yaml") known.push_back(entry.path().stem().string());
  }
  std::sort(known.begin(), known.end());
  const fs::path file = fs::path(name).filename();
  std::string meant = did_you_mean((file.extension() == ".yaml" ? file.stem() : file).string(), known);
  if (meant.empty())
    meant = did_you_mean_path(fs::path(name).has_extension() ? name : name + ".yaml", fs::file_type::regular);
  throw ConfigError(name + ": no such " + kind + "; " +
                    (known.empty() ? "those that are shipped are not in " + folder.string()
                                   : "the shipped ones are " + join(known)) +
                    meant);
}

fs::path find_config(const std::string& name) {
  return find_yaml(name, shipped_configs(), "configuration file");
}

fs::path expand_home(const std::string& path) {
  const char* home = std::getenv("HOME");
  if (!home || (path != "~" && !path.starts_with("~/"))) return path;
  return fs::path(home) / fs::path(path.substr(1)).relative_path();
}

}  // namespace patronus
