#pragma once
#include <filesystem>

#include "patronus/run/run_directory.h"

namespace patronus {

/// The sole right of a process to write into a run's folder, while this object lives: a lock of the system on
/// the file `lock` there, which holds host and process. It ends with the process, however that ends, so that
/// a file which a killed process left locks nothing.
class RunLock {
 public:
  /// Makes the folder where there is none. ConfigError when the folder holds something and is not a run,
  /// Error naming the process that has the right already; nothing in the folder is touched then. A file
  /// system without locks is warned of.
  explicit RunLock(const RunDirectory& run);
  /// Removes the folder that was made, where nothing else was written to it.
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  std::filesystem::path file_;
  bool made_;
  int descriptor_;
};

}  // namespace patronus
