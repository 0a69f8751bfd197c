#pragma once
#include <filesystem>
#include <string>

namespace patronus {

/// Removes the files of `folder` whose names match a regular expression: pictures of an earlier call, which
/// may have had more of them.
void remove_earlier_pictures(const std::filesystem::path& folder, const std::string& names);

}  // namespace patronus
