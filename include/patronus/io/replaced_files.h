#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace patronus {

/// Says in the log which files are there already of those that a command will write beside each other, and
/// replace. ConfigError, which proposes another --out, where one of them is a folder, or they are another's:
/// every WHAT ("report") has a `first` file that begins with one of `beginnings`, or is empty yet, where
/// `others` are there.
void announce_replaced(const std::filesystem::path& first, const std::vector<std::string>& beginnings,
                       const std::string& what, const std::vector<std::filesystem::path>& others);

}  // namespace patronus
