#include "patronus/core/nearest_path.h"

#include <algorithm>
#include <vector>

#include "patronus/core/error.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// The names of what is of this type in a folder, in order; hidden ones are left out.
std::vector<std::string> names_in(const fs::path& folder, fs::file_type type) {
  std::error_code error;
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder.empty() ? "." : folder, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with('.') && entry.status(error).type() == type) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

std::optional<fs::path> nearest_path(const fs::path& path, fs::file_type type) {
  if (!path.has_filename())
    return path.has_relative_path() ? nearest_path(path.parent_path(), type) : std::nullopt;
  std::error_code error;
  fs::path folder = path.parent_path();
  if (!folder.empty() && !fs::is_directory(folder, error)) {
    const auto meant = nearest_path(folder, fs::file_type::directory);
    if (!meant) return std::nullopt;
    folder = *meant;
    if (fs::status(folder / path.filename(), error).type() == type) return folder / path.filename();
  }
  const auto names = names_in(folder, type);
  const auto meant = nearest_name(path.filename().string(), names);
  return meant ? std::optional(folder / names[*meant]) : std::nullopt;
}

std::string did_you_mean_path(const fs::path& path, fs::file_type type) {
  const auto meant = nearest_path(path, type);
  return meant ? "; did you mean " + meant->string() + "?" : "";
}

}  // namespace patronus
