#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "patronus/io/make_folder.h"
#include "patronus/io/open_file.h"

namespace patronus {

/// Exclusive right of this process to write to a folder during the lifetime of the object: a system lock on
/// the file `.patronus-lock` there, which contains host and process. It ends with the process in every case,
/// so that a file left by a killed process locks nothing.
class FolderLock {
 public:
  /// Behaviour if another process holds the lock: throw Error, or log that and wait.
  enum class WhenBusy { kFail, kWait };

  /// Creates the folder if necessary; the destructor removes it if nothing was written to it. The Error names
  /// the process that holds the lock and `option`, with which another folder is chosen; nothing in the folder
  /// has been changed then. Warns if the file system has no locks.
  FolderLock(const std::filesystem::path& folder, WhenBusy when_busy, const std::string& option);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  std::optional<CreatedFolder> folder_;
  OpenFile file_;
};

/// Removes the lock that a killed process left in `folder`, and the folder if nothing else is in it. Does
/// nothing while a process holds the lock, or without file locks.
void remove_abandoned_lock(const std::filesystem::path& folder);

}  // namespace patronus
