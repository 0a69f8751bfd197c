#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace patronus {

/// A file that a command writes.
struct WrittenFile {
  std::filesystem::path path;
  std::vector<std::string> prefixes{};  // possible starts of its content; empty if not distinctive
};

/// Logs which of the files that a command will write exist already and will be replaced. Throws ConfigError,
/// which proposes another --out, if one of them is a folder, or if they are not from an earlier `what`
/// ("report"): all existing ones with `prefixes`, at least one, must start with one of these, or be empty.
void announce_replaced(const std::vector<WrittenFile>& files, const std::string& what);

}  // namespace patronus
