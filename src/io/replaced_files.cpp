#include "patronus/io/replaced_files.h"

#include <algorithm>
#include <fstream>

#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/text.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// Whether a file begins with one of these texts, or is empty.
bool begins_as(const fs::path& path, const std::vector<std::string>& beginnings) {
  std::error_code error;
  if (fs::is_empty(path, error)) return true;
  std::ifstream file(path, std::ios::binary);
  std::string text(64, '\0');
  file.read(text.data(), std::ssize(text));
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](const std::string& beginning) { return text.starts_with(beginning); });
}

}  // namespace

void announce_replaced(const fs::path& first, const std::vector<std::string>& beginnings,
                       const std::string& what, const std::vector<fs::path>& others) {
  std::vector<fs::path> files{first};
  files.insert(files.end(), others.begin(), others.end());
  std::vector<std::string> there;
  for (const auto& file : files) {
    if (fs::is_directory(file))
      throw ConfigError(file.string() + ": is a folder; expected a file or nothing; choose another --out");
    if (fs::exists(file)) there.push_back(file.string());
  }
  if (there.empty()) return;
  if (there.front() != first.string() || !begins_as(first, beginnings))
    throw ConfigError(there.front() + ": would be replaced, and is of no " + what + "; choose another --out");
  log_info(join(there) + ": will be replaced");
}

}  // namespace patronus
