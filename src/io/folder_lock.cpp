#include "patronus/io/folder_lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/process.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLockFile = ".patronus-lock";

/// Content of the lock file, "process 12 on host" or empty; works even after its owner removed the file.
std::string owner_in(const OpenFile& file) {
  std::string owner(1000, ' ');
  const ssize_t size = pread(file.descriptor(), owner.data(), owner.size(), 0);
  owner.resize(static_cast<size_t>(std::max<ssize_t>(size, 0)));
  return owner;
}

std::string owner_text(const OpenFile& file) {
  const std::string owner = owner_in(file);
  return file.path().parent_path().string() + ": " + (owner.empty() ? "another process" : owner) +
         " is writing here";
}

/// Opens or creates the lock file and its folder; nothing if the folder was removed in between.
std::optional<OpenFile> made_with_folder(const fs::path& path) {
  make_folder(path.parent_path());
  try {
    return OpenFile::create(path, O_RDWR);
  } catch (const Error&) {
    std::error_code error;
    if (fs::exists(path.parent_path(), error)) throw;
    return std::nullopt;
  }
}

OpenFile locked_file(const fs::path& path, FolderLock::WhenBusy when_busy, const std::string& option) {
  for (;;) {
    std::optional<OpenFile> made = made_with_folder(path);  // its last owner may just have removed both
    if (!made) continue;
    OpenFile& file = *made;
    if (!file.try_lock_or_warn("writing here")) {
      const std::string busy = owner_text(file);
      if (when_busy == FolderLock::WhenBusy::kFail)
        throw Error(busy + "; wait until it ends, or choose another folder with " + option);
      log_info(busy + "; waiting until it ends");
      file.wait_for_lock();
    }
    if (file.is_at_its_path()) return std::move(file);
  }
}

}  // namespace

FolderLock::FolderLock(const fs::path& folder, WhenBusy when_busy, const std::string& option)
    : folder_(std::in_place, folder), file_(locked_file(folder / kLockFile, when_busy, option)) {
  // Only if locks work here; without them the previous process may still be running.
  if (const std::string before = owner_in(file_); !before.empty() && !file_.try_lock()) {
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
  folder_.reset();  // while locked, so that no other process starts in the folder yet
}

void remove_abandoned_lock(const fs::path& folder) {
  try {
    const OpenFile file(folder / kLockFile, O_RDWR);
    if (file.try_lock()) return;
    unlink(file.path().c_str());
    std::error_code not_empty;
    fs::remove(folder, not_empty);
  } catch (const std::system_error&) {  // there is none, or it is another user's
  }
}

}  // namespace patronus
