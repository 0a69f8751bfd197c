#pragma once
#include <filesystem>
#include <string>

#include "patronus/io/open_file.h"

namespace patronus {

/// The file that all work on a point writes what it says to, and the sole right to that work. The right is a
/// lock of the system on the file, which children that write to it share: it ends with the last of them, so
/// that a sweep which was killed keeps it until the command that it had started has ended.
class PointLog {
 public:
  /// Opens the file, whose folder must exist, and waits for the right to it, or for a signal
  /// (core/interrupt.h). A file system without locks is warned of. Error where it cannot be written.
  explicit PointLog(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return file_.path(); }
  /// Of the open file, for a child to write to.
  int descriptor() const { return file_.descriptor(); }
  /// Adds a line.
  void write(const std::string& line) const;
  /// The last error that was said, without "error: "; empty where there was none since the last `write`.
  std::string last_error() const;

 private:
  OpenFile file_;
};

}  // namespace patronus
