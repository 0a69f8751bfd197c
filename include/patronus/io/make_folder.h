#pragma once
#include <filesystem>

namespace patronus {

/// Makes a folder, and those above it, where they are not there yet; gives its path. Error with the system's
/// reason when it cannot.
std::filesystem::path make_folder(const std::filesystem::path& path);

}  // namespace patronus
