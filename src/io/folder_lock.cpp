#include "patronus/io/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
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

int open_lock_file(const fs::path& file) {
  const int descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0) throw Error(file.string() + ": cannot be made: " + std::strerror(errno));
  return descriptor;
}

/// Whether the open file is still the one that lies at the path: its last owner may just have removed it.
bool is_at(int descriptor, const fs::path& file) {
  struct stat opened {
  }, named{};
  return fstat(descriptor, &opened) == 0 && stat(file.c_str(), &named) == 0 &&
         opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

/// Whether the lock is ours now, or the file system has none; false where another process holds it.
bool lock_file(int descriptor, const fs::path& file) {
  if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) return true;
  if (errno == EWOULDBLOCK) return false;
  log_warning(file.string() + ": cannot be locked (" + std::strerror(errno) +
              "): nothing keeps a second process from writing here");
  return true;
}

/// "runs/a: process 12 on host is writing here".
std::string owner_text(const fs::path& file) {
  const std::string owner = read_file(file);
  return file.parent_path().string() + ": " + (owner.empty() ? "another process" : owner) +
         " is writing here";
}

int locked_file(const fs::path& file, FolderLock::WhenBusy when_busy, const std::string& option) {
  for (;;) {
    const int descriptor = open_lock_file(file);
    if (!lock_file(descriptor, file)) {
      const std::string busy = owner_text(file);
      if (when_busy == FolderLock::WhenBusy::kFail) {
        close(descriptor);
        throw Error(busy + "; wait until it ends, or choose another folder with " + option);
      }
      log_info(busy + "; waiting until it ends");
      flock(descriptor, LOCK_EX);
    }
    if (is_at(descriptor, file)) return descriptor;
    close(descriptor);
  }
}

}  // namespace

FolderLock::FolderLock(const fs::path& folder, WhenBusy when_busy, const std::string& option)
    : file_(folder / "lock"), descriptor_(locked_file(file_, when_busy, option)) {
  if (const std::string before = read_file(file_); !before.empty()) {
    log_info(folder.string() + ": " + before + " was killed; its lock is taken over");
  }
  const std::string owner = this_process();
  if (ftruncate(descriptor_, 0) != 0 ||
      pwrite(descriptor_, owner.data(), owner.size(), 0) != static_cast<ssize_t>(owner.size())) {
    log_warning(file_.string() + ": cannot be written: " + std::strerror(errno));
  }
}

FolderLock::~FolderLock() {
  unlink(file_.c_str());
  close(descriptor_);
}

}  // namespace patronus
