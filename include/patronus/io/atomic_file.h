#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace patronus {

/// Calls `write` with a temporary path beside `path`, makes that file durable (fsync of file and folder) and
/// renames it to `path`: readers see the old or the complete new file. The folder must exist; `write` throws
/// on failure. On any failure the temporary file is removed and an Error names `path` and the reason (such as
/// a full disk); an Error from `write` is passed on unchanged.
void write_atomically(const std::filesystem::path& path,
                      const std::function<void(const std::filesystem::path&)>& write);

/// Writes text or bytes to a file as `write_atomically` does.
void write_file(const std::filesystem::path& path, std::string_view content);

/// Throws the Error that `write_file` would throw if it could not write there now; writes nothing.
void require_writable(const std::filesystem::path& path);

/// Makes the data written to a file so far durable against power failure. Throws Error naming the file.
void make_durable(const std::filesystem::path& path);

/// Search depth: one folder only, or its subfolders as well.
enum class Depth { kFolder, kAll };

/// Removes temporary files left in `folder` by killed processes, for files with this extension (".pt") or, if
/// empty, for all; returns the bytes freed. They are recognised by their names and locks; without file locks
/// none are removed.
uintmax_t remove_abandoned_files(const std::filesystem::path& folder, Depth depth,
                                 std::string_view extension = {});

/// Reads all bytes of a file. If that fails, throws with the system's reason: DataError if the file is the
/// cause (missing, a folder, forbidden), Error if it may be the disk or network and a retry may succeed.
std::string read_file(const std::filesystem::path& path);

}  // namespace patronus
