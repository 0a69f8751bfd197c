#pragma once
#include <filesystem>
#include <string>

#include "patronus/io/open_file.h"

namespace patronus {

/// Log file of all work on a point, and the exclusive right to that work: a lock on the file, shared with the
/// children that write to it. It ends with the last of them, so that a killed sweep keeps it until the
/// command that it started has ended.
class PointLog {
 public:
  /// Opens the file, whose folder must exist, and waits for the lock, or for a signal (core/interrupt.h).
  /// Warns if the file system has no locks. Throws Error if the file cannot be written.
  explicit PointLog(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return file_.path(); }
  /// Descriptor of the open file, for a child's output.
  int descriptor() const { return file_.descriptor(); }
  /// Appends a line.
  void write(const std::string& line) const;
  /// The last error message since the last `write`, without "error: "; empty if there is none.
  std::string last_error() const;

 private:
  OpenFile file_;
};

}  // namespace patronus
