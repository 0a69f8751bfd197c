#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace patronus {

/// Creates a folder and its parents if necessary and returns its path. Throws Error with the system's reason
/// and with `what_to_do`.
std::filesystem::path make_folder(const std::filesystem::path& path, const std::string& what_to_do = {});

/// Creates a folder as make_folder does; the destructor removes the created folders that are still empty.
class CreatedFolder {
 public:
  explicit CreatedFolder(const std::filesystem::path& path);
  ~CreatedFolder();
  CreatedFolder(const CreatedFolder&) = delete;
  CreatedFolder& operator=(const CreatedFolder&) = delete;

 private:
  void remove_empty() const;

  std::vector<std::filesystem::path> made_;  // innermost first
};

}  // namespace patronus
