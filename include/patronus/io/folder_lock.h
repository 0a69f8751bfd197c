#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "patronus/io/make_folder.h"
#include "patronus/io/open_file.h"

namespace patronus {

/// The sole right of a process to write into a folder, while this object lives: a lock of the system on the
/// file `.patronus-lock` there, which holds host and process. It ends with the process, however that ends, so
/// that a file which a killed process left locks nothing.
class FolderLock {
 public:
  /// What to do where another process has the right: throw an Error, or say so and wait until that ends.
  enum class WhenBusy { kFail, kWait };

  /// Makes the folder where it is not there; it goes with the lock where nothing was written into it.
  /// `option` is that with which another folder is chosen, for the Error, which names the process that has
  /// the right; nothing in the folder is touched then. A file system without locks is warned of.
  FolderLock(const std::filesystem::path& folder, WhenBusy when_busy, const std::string& option);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  std::optional<MadeFolder> folder_;
  OpenFile file_;
};

}  // namespace patronus
