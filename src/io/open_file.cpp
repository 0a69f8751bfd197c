#include "patronus/io/open_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include "patronus/core/error.h"
#include "patronus/core/interrupt.h"
#include "patronus/core/log.h"

namespace patronus {

namespace fs = std::filesystem;

OpenFile::OpenFile(fs::path path, int flags)
    : path_(std::move(path)), descriptor_(open(path_.c_str(), flags | O_CLOEXEC, 0666)) {
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category());
}

OpenFile::OpenFile(OpenFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

OpenFile::~OpenFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

OpenFile OpenFile::create(const fs::path& path, int flags) {
  try {
    return OpenFile(path, flags | O_CREAT);
  } catch (const std::system_error& failure) {
    throw Error(path.string() + ": cannot be made: " + failure.code().message());
  }
}

std::error_code OpenFile::try_lock(Holders holders) const {
  if (flock(descriptor_, (holders == Holders::kOne ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0) return {};
  return {errno, std::generic_category()};
}

bool OpenFile::try_lock_or_warn(const std::string& doing) const {
  const auto error = try_lock();
  if (error == std::errc::operation_would_block) return false;
  if (error) {
    log_warning(path_.string() + ": cannot be locked (" + error.message() +
                "): nothing keeps a second process from " + doing);
  }
  return true;
}

void OpenFile::wait_for_lock() const {
  constexpr auto kLook = std::chrono::milliseconds(100);  // a blocking flock would resume after a signal
  while (try_lock() == std::errc::operation_would_block) {
    if (const int signal = interrupt_signal(); signal != 0)
      throw Error(path_.string() + ": interrupted while waiting for its lock", exit_code_of(signal));
    std::this_thread::sleep_for(kLook);
  }
}

bool OpenFile::is_at_its_path() const {
  struct stat opened = {}, named = {};
  return fstat(descriptor_, &opened) == 0 && stat(path_.c_str(), &named) == 0 &&
         opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

}  // namespace patronus
