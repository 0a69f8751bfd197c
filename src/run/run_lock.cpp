#include "patronus/run/run_lock.h"

#include "patronus/io/atomic_file.h"

namespace patronus {

RunLock::RunLock(const RunDirectory& run) {
  run.require_run_or_empty();
  lock_.emplace(run.path(), FolderLock::WhenBusy::kFail, "--run");
  remove_abandoned_files(run.path(), Depth::kAll);
}

}  // namespace patronus
