#include "patronus/run/run_lock.h"

#include <unistd.h>

#include "patronus/io/atomic_file.h"

namespace patronus {

RunLock::RunLock(const RunDirectory& run) : folder_(run.path()) {
  run.require_run_or_empty();
  made_ = !std::filesystem::exists(folder_);
  run.folder("");
  lock_.emplace(folder_, FolderLock::WhenBusy::kFail, "--run");
  remove_abandoned_files(folder_);
}

RunLock::~RunLock() {
  lock_.reset();
  if (made_) rmdir(folder_.c_str());  // succeeds on an empty folder alone
}

}  // namespace patronus
