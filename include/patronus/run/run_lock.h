#pragma once
#include <optional>

#include "patronus/io/folder_lock.h"
#include "patronus/run/run_directory.h"

namespace patronus {

/// The sole right of a process to train in a run's folder, while this object lives (io/folder_lock.h).
class RunLock {
 public:
  /// Makes the folder where there is none; it goes with the lock where nothing was written into it.
  /// ConfigError when the folder holds something and is not a run, Error naming the process that has the
  /// right already; nothing in the folder is touched then.
  explicit RunLock(const RunDirectory& run);

 private:
  std::optional<FolderLock> lock_;
};

}  // namespace patronus
