#include "patronus/io/replaced_files.h"

#include <algorithm>
#include <fstream>

#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/text.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// Whether the file has one of its kind's beginnings, or is empty.
bool begins_so(const WrittenFile& written) {
  std::error_code error;
  if (fs::is_empty(written.path, error)) return true;
  std::ifstream file(written.path, std::ios::binary);
  std::string text(64, '\0');
  file.read(text.data(), std::ssize(text));
  return std::any_of(written.prefixes.begin(), written.prefixes.end(),
                     [&](const std::string& beginning) { return text.starts_with(beginning); });
}

}  // namespace

void announce_replaced(const std::vector<WrittenFile>& files, const std::string& what) {
  std::vector<std::string> there;
  for (const auto& [path, prefixes] : files) {
    if (fs::is_directory(path))
      throw ConfigError(path.string() + ": is a folder; expected a file or nothing; choose another --out");
    if (fs::exists(path)) there.push_back(path.string());
  }
  if (there.empty()) return;
  const std::string refusal = ": would be replaced, and is of no " + what + "; choose another --out";
  bool is_told = false;
  for (const auto& file : files) {
    if (file.prefixes.empty() || !fs::exists(file.path)) continue;
    if (!begins_so(file)) throw ConfigError(file.path.string() + refusal);
    is_told = true;
  }
  if (!is_told) throw ConfigError(there.front() + refusal);
  log_info(join(there) + ": will be replaced");
}

}  // namespace patronus
