#include "patronus/io/folder_lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/process.h"
#include "patronus/io/atomic_file.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// "runs/a: process 12 on host is writing here".
std::string owner_text(const fs::path& file) {
  const std::string owner = read_file(file);
  return file.parent_path().string() + ": " + (owner.empty() ? "another process" : owner) +
         " is writing here";
}

OpenFile locked_file(const fs::path& path, FolderLock::WhenBusy when_busy, const std::string& option) {
  for (;;) {
    OpenFile file = OpenFile::made(path, O_RDWR);
    if (!file.try_lock_or_warn("writing here")) {
      const std::string busy = owner_text(path);
      if (when_busy == FolderLock::WhenBusy::kFail)
        throw Error(busy + "; wait until it ends, or choose another folder with " + option);
      log_info(busy + "; waiting until it ends");
      file.wait_for_lock();
    }
    if (file.is_at_its_path()) return file;  // its last owner may just have removed it
  }
}

}  // namespace

FolderLock::FolderLock(const fs::path& folder, WhenBusy when_busy, const std::string& option)
    : file_(locked_file(folder / ".patronus-lock", when_busy, option)) {
  if (const std::string before = read_file(file_.path()); !before.empty()) {
    log_info(folder.string() + ": " + before + " was killed; its lock is taken over");
  }
  const std::string owner = this_process();
  const int descriptor = file_.descriptor();
  if (ftruncate(descriptor, 0) != 0 ||
      pwrite(descriptor, owner.data(), owner.size(), 0) != static_cast<ssize_t>(owner.size())) {
    log_warning(file_.path().string() + ": cannot be written: " + std::strerror(errno));
  }
}

FolderLock::~FolderLock() {
  unlink(file_.path().c_str());
}

}  // namespace patronus
