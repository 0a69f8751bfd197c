#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace patronus {

/// Calls `write` with a temporary path beside `path`, then makes that file durable (fsync of file and folder)
/// and renames it to `path`: a reader sees the old file or the whole new one. `write` reports failure by
/// throwing. When anything fails the temporary file is removed and an Error names `path` and the reason (for
/// example a full disk); an Error from `write` passes unchanged. The folder must exist.
void write_atomically(const std::filesystem::path& path,
                      const std::function<void(const std::filesystem::path&)>& write);

/// Writes a text, or bytes, at hand as `write_atomically` does.
void write_file(const std::filesystem::path& path, std::string_view content);

/// The Error of `write_file` where it cannot write there now; writes nothing.
void require_writable(const std::filesystem::path& path);

/// Makes what was written to a file so far durable: it is there after a power failure. Error naming it.
void make_durable(const std::filesystem::path& path);

/// Where files are looked for: in a folder alone, or in those below it, too.
enum class Depth { kFolder, kAll };

/// Removes the temporary files in `folder` that no process writes to any more, since it was killed, of files
/// with this ending (".pt") or, without it, of all; gives their bytes. They are told by their names and
/// locks: on a file system without locks all are left.
uintmax_t remove_abandoned_files(const std::filesystem::path& folder, Depth depth,
                                 std::string_view ending = {});

/// All bytes of a file. When it cannot be read, with the system's reason: DataError where that is the file's
/// (it is absent, a folder, forbidden), Error where it may be a disk's or a network's and another try may do.
std::string read_file(const std::filesystem::path& path);

}  // namespace patronus
