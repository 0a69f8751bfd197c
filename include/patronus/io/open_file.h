#pragma once
#include <filesystem>
#include <string>
#include <system_error>

namespace patronus {

/// An open file, closed when it goes. It can be locked against other processes, by a lock of the system that
/// ends with the last process that has it open.
class OpenFile {
 public:
  /// Opens a file with these flags of open(2). std::system_error where it cannot be opened.
  OpenFile(std::filesystem::path path, int flags);
  OpenFile(OpenFile&& other) noexcept;
  ~OpenFile();

  /// Opens a file with these flags, which is made where there is none. Error where it cannot be made.
  static OpenFile made(const std::filesystem::path& path, int flags);

  const std::filesystem::path& path() const { return path_; }
  int descriptor() const { return descriptor_; }

  /// Locks the file; std::errc::operation_would_block where another process holds the lock, another error
  /// where the file system has none.
  std::error_code try_lock() const;
  /// Whether the file is locked now, or the file system has no locks: it is warned then that nothing keeps a
  /// second process from what this one is `doing` ("writing here").
  bool try_lock_or_warn(const std::string& doing) const;
  /// Locks the file when no other process holds the lock any more. Error where the wait is interrupted.
  void wait_for_lock() const;

  /// Whether the file still lies at its path: it may have been removed, and another one made there.
  bool is_at_its_path() const;

 private:
  std::filesystem::path path_;
  int descriptor_;
};

}  // namespace patronus
