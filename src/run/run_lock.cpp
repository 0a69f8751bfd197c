#include "patronus/run/run_lock.h"

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

int locked_file(const fs::path& file) {
  for (;;) {
    const int descriptor = open_lock_file(file);
    if (!lock_file(descriptor, file)) {
      close(descriptor);
      const std::string owner = read_file(file);
      throw Error(file.parent_path().string() + ": " + (owner.empty() ? "another process" : owner) +
                  " is writing here; wait until it ends, or choose another folder with --run");
    }
    if (is_at(descriptor, file)) return descriptor;
    close(descriptor);
  }
}

}  // namespace

RunLock::RunLock(const RunDirectory& run) : file_(run.file("lock")) {
  run.require_run_or_empty();
  made_ = !fs::exists(run.path());
  run.folder("");
  descriptor_ = locked_file(file_);
  if (const std::string before = read_file(file_); !before.empty()) {
    log_info(run.path().string() + ": " + before + " was killed; its lock is taken over");
  }
  remove_abandoned_files(run.path());
  const std::string owner = this_process();
  if (ftruncate(descriptor_, 0) != 0 ||
      write(descriptor_, owner.data(), owner.size()) != static_cast<ssize_t>(owner.size())) {
    log_warning(file_.string() + ": cannot be written: " + std::strerror(errno));
  }
}

RunLock::~RunLock() {
  unlink(file_.c_str());
  if (made_) rmdir(file_.parent_path().c_str());  // succeeds on an empty folder alone
  close(descriptor_);
}

}  // namespace patronus
