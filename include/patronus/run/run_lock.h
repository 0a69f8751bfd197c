#pragma once
#include <filesystem>
#include <optional>

#include "patronus/io/folder_lock.h"
#include "patronus/run/run_directory.h"

namespace patronus {

/// The sole right of a process to train in a run's folder, while this object lives (io/folder_lock.h).
class RunLock {
 public:
  /// Makes the folder where there is none. ConfigError when the folder holds something and is not a run,
  /// Error naming the process that has the right already; nothing in the folder is touched then.
  explicit RunLock(const RunDirectory& run);
  /// Removes the folder that was made, where nothing else was written to it.
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  std::filesystem::path folder_;
  bool made_;
  std::optional<FolderLock> lock_;
};

}  // namespace patronus
