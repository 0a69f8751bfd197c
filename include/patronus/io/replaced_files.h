#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace patronus {

/// A file that a command writes.
struct WrittenFile {
  std::filesystem::path path;
  std::vector<std::string> beginnings{};  // one of which it begins with; none where others begin so, too
};

/// Says in the log which files are there already of those that a command will write beside each other, and
/// replace. ConfigError, which proposes another --out, where one of them is a folder, or they are another's
/// and of no WHAT ("report"): the first that is there, of those with beginnings, is to begin so, or to be
/// empty yet.
void announce_replaced(const std::vector<WrittenFile>& files, const std::string& what);

}  // namespace patronus
