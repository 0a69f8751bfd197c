#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace patronus {

/// Makes a folder, and those above it, where they are not there yet; gives its path. Error with the system's
/// reason when it cannot, and with what is to be done then.
std::filesystem::path make_folder(const std::filesystem::path& path, const std::string& what_to_do = {});

/// A folder for what may come, made as by make_folder. Of what it made, folders that are empty in the end go
/// with it.
class MadeFolder {
 public:
  explicit MadeFolder(const std::filesystem::path& path);
  ~MadeFolder();
  MadeFolder(const MadeFolder&) = delete;
  MadeFolder& operator=(const MadeFolder&) = delete;

 private:
  void remove_empty() const;

  std::vector<std::filesystem::path> made_;  // the innermost first
};

}  // namespace patronus
