#pragma once
#include <filesystem>
#include <string>
#include <system_error>

namespace patronus {

/// An open file, closed by the destructor. It can be locked against other processes with a system lock that
/// ends with the last process that has it open.
class OpenFile {
 public:
  /// Opens a file with these flags of open(2). Throws std::system_error if that fails.
  OpenFile(std::filesystem::path path, int flags);
  OpenFile(OpenFile&& other) noexcept;
  ~OpenFile();

  /// Opens a file with these flags, and creates it if necessary. Throws Error if that fails.
  static OpenFile create(const std::filesystem::path& path, int flags);

  const std::filesystem::path& path() const { return path_; }
  int descriptor() const { return descriptor_; }

  /// Holders of a lock: one, or many that exclude only a single one.
  enum class Holders { kOne, kMany };
  /// Tries to lock the file: std::errc::operation_would_block if another process holds a lock that excludes
  /// this one, another error if the file system has no locks.
  std::error_code try_lock(Holders holders = Holders::kOne) const;
  /// Tries to lock the file. Returns true also if the file system has no locks, with a warning that another
  /// process may do at the same time what this one is `doing` ("writing here").
  bool try_lock_or_warn(const std::string& doing) const;
  /// Waits until it can lock the file. Throws Error if the wait is interrupted.
  void wait_for_lock() const;

  /// Whether its path still refers to this file, which may have been removed or replaced.
  bool is_at_its_path() const;

 private:
  std::filesystem::path path_;
  int descriptor_;
};

}  // namespace patronus
