#pragma once
#include <filesystem>
#include <string>

namespace patronus {

/// Makes a folder, and those above it, where they are not there yet; gives its path. Error with the system's
/// reason when it cannot, and with what is to be done then.
std::filesystem::path make_folder(const std::filesystem::path& path, const std::string& what_to_do = {});

}  // namespace patronus
