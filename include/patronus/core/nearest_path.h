#pragma once
#include <filesystem>
#include <optional>
#include <string>

namespace patronus {

/// The file or folder, by `type`, that the missing `path` most likely means: the one with the nearest name
/// (`nearest_name` in core/error.h) in the same folder or, if that is missing too, in the folder it most
/// likely means; nothing if none is near.
std::optional<std::filesystem::path> nearest_path(const std::filesystem::path& path,
                                                  std::filesystem::file_type type);

/// "; did you mean photos/Data.csv?" with that path; empty if there is none.
std::string did_you_mean_path(const std::filesystem::path& path, std::filesystem::file_type type);

}  // namespace patronus
