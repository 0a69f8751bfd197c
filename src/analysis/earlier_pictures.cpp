#include "patronus/analysis/earlier_pictures.h"

#include <regex>
#include <vector>

namespace patronus {

void remove_earlier_pictures(const std::filesystem::path& folder, const std::string& names) {
  const std::regex pattern(names);
  std::vector<std::filesystem::path> old;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (std::regex_match(entry.path().filename().string(), pattern)) old.push_back(entry.path());
  }
  for (const auto& path : old) std::filesystem::remove(path);
}

}  // namespace patronus
