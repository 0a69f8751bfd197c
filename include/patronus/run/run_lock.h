#pragma once
#include <optional>

#include "patronus/io/folder_lock.h"
#include "patronus/run/run_directory.h"

namespace patronus {

/// Exclusive right of this process to train in a run's folder during the object's lifetime
/// (io/folder_lock.h).
class RunLock {
 public:
  /// Creates the folder if necessary; the destructor removes it if nothing was written to it. Throws
  /// ConfigError if the folder is not empty and not a run, Error naming the process that holds the lock; the
  /// folder is not changed then.
  explicit RunLock(const RunDirectory& run);

 private:
  std::optional<FolderLock> lock_;
};

}  // namespace patronus
