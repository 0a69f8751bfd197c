#include "patronus/io/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string>
#include <system_error>

#include "patronus/core/error.h"
#include "patronus/core/nearest_path.h"
#include "patronus/core/text.h"
#include "patronus/io/open_file.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// The error of the latest failed system call.
std::system_error system_failure() {
  return {errno, std::generic_category()};
}

void write_all(const OpenFile& file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(file.descriptor(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw system_failure();
    content.remove_prefix(static_cast<size_t>(written));
  }
}

std::string read_all(const OpenFile& file) {
  std::string content;
  struct stat status = {};
  if (fstat(file.descriptor(), &status) == 0) content.reserve(static_cast<size_t>(status.st_size) + 1);
  char block[1 << 16];
  for (;;) {
    const ssize_t count = read(file.descriptor(), block, sizeof block);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw system_failure();
    if (count == 0) return content;
    content.append(block, static_cast<size_t>(count));
  }
}

void sync(const OpenFile& file) {
  // Some network and memory file systems cannot sync a folder and return EINVAL.
  if (fsync(file.descriptor()) != 0 && errno != EINVAL) throw system_failure();
}

constexpr std::string_view kTemporaryExtension = ".tmp";

/// An initially empty file beside `target`, with a name of its own; removed by the destructor. It stays
/// locked meanwhile: an unlocked one was left by a killed process.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& target) : file_(locked_file(target)) {}
  ~TemporaryFile() {
    if (file_.is_at_its_path()) unlink(path().c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const fs::path& path() const { return file_.path(); }

 private:
  /// Tries the next name if a file has it already, possibly from a process with the same number in another
  /// container, or if another process removed the file as abandoned before it was locked.
  static OpenFile locked_file(const fs::path& target) {
    static std::atomic<int> count = 0;
    for (;;) {
      const std::string unique = std::to_string(getpid()) + "-" + std::to_string(count++);
      const std::string name =
          "." + target.filename().string() + "." + unique + std::string(kTemporaryExtension);
      try {
        OpenFile file(target.parent_path() / name, O_RDWR | O_CREAT | O_EXCL);
        if (file.try_lock() != std::errc::operation_would_block && file.is_at_its_path()) return file;
      } catch (const std::system_error& failure) {
        if (failure.code() != std::errc::file_exists) throw;
      }
    }
  }

  OpenFile file_;
};

/// Whether the path is that of a TemporaryFile, .target.PROCESS-COUNT.tmp, for a target with this extension.
bool is_temporary(const fs::path& path, std::string_view extension) {
  const fs::path unique = path.stem().extension(), target = path.stem().stem();
  const bool is_unique = unique.string().find_first_not_of("0123456789-", 1) == std::string::npos &&
                         unique.string().find('-') != std::string::npos;
  return path.filename().string().starts_with('.') && path.extension() == kTemporaryExtension && is_unique &&
         (extension.empty() || target.extension() == extension);
}

/// Removes the file unless a process has it locked; returns the bytes freed.
uintmax_t remove_abandoned(const fs::path& path) {
  try {
    const OpenFile file(path, O_RDWR);
    std::error_code error;
    const uintmax_t size = fs::file_size(path, error);
    return !file.try_lock() && fs::remove(path, error) && size != static_cast<uintmax_t>(-1) ? size : 0;
  } catch (const std::system_error&) {
    return 0;  // already gone, or not accessible
  }
}

/// Reason of a failure in words. Streams and libraries hide a full or broken disk behind errors of their own,
/// so the system's error number is checked first.
std::string reason(const std::exception& failure, int error_number) {
  constexpr std::array kOfTheDisk{ENOSPC, EDQUOT, EFBIG, EIO};
  if (std::ranges::find(kOfTheDisk, error_number) != kOfTheDisk.end())
    return std::generic_category().message(error_number);
  if (const auto* system = dynamic_cast<const std::system_error*>(&failure)) return system->code().message();
  return first_line(failure.what());
}

void replace_durably(const fs::path& from, const fs::path& to) {
  sync(OpenFile(from, O_RDONLY));
  if (rename(from.c_str(), to.c_str()) != 0) throw system_failure();
  const fs::path folder = to.has_parent_path() ? to.parent_path() : ".";
  sync(OpenFile(folder, O_RDONLY | O_DIRECTORY));
}

}  // namespace

void write_atomically(const fs::path& path, const std::function<void(const fs::path&)>& write) {
  try {
    const TemporaryFile temporary(path);
    errno = 0;
    write(temporary.path());
    replace_durably(temporary.path(), path);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& failure) {
    throw Error(path.string() + ": cannot be written: " + reason(failure, errno));
  }
}

void write_file(const fs::path& path, std::string_view content) {
  write_atomically(path,
                   [&](const fs::path& temporary) { write_all(OpenFile(temporary, O_WRONLY), content); });
}

void require_writable(const fs::path& path) {
  try {
    const TemporaryFile temporary(path);
    if (fs::is_directory(path)) throw std::system_error(std::make_error_code(std::errc::is_a_directory));
  } catch (const std::exception& failure) {
    throw Error(path.string() + ": cannot be written: " + reason(failure, 0));
  }
}

void make_durable(const fs::path& path) {
  try {
    sync(OpenFile(path, O_RDONLY));
  } catch (const std::system_error& failure) {
    throw Error(path.string() + ": cannot be written: " + failure.code().message());
  }
}

namespace {

/// Whether the error lies in the path or its permissions, not in a disk or network, where a retry may help.
bool is_of_the_file(int error) {
  return error == ENOENT || error == ENOTDIR || error == EISDIR || error == ELOOP || error == ENAMETOOLONG ||
         error == EACCES || error == EPERM;
}

}  // namespace

std::string read_file(const fs::path& path) {
  try {
    return read_all(OpenFile(path, O_RDONLY));
  } catch (const std::system_error& failure) {
    const bool is_absent = failure.code() == std::errc::no_such_file_or_directory;
    const std::string text = path.string() + ": cannot be read: " + failure.code().message() +
                             (is_absent ? did_you_mean_path(path, fs::file_type::regular) : "");
    if (is_of_the_file(failure.code().value())) throw DataError(text);
    throw Error(text);
  }
}

uintmax_t remove_abandoned_files(const fs::path& folder, Depth depth, std::string_view extension) {
  uintmax_t bytes = 0;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied, error);
  for (; entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (depth == Depth::kFolder) entry.disable_recursion_pending();
    if (is_temporary(entry->path(), extension) && entry->is_regular_file(error))
      bytes += remove_abandoned(entry->path());
  }
  return bytes;
}

}  // namespace patronus
