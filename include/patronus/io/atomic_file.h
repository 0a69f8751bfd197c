#pragma once
#include <filesystem>
#include <functional>
#include <string_view>

namespace patronus {

/// Calls `write` with a temporary path beside `path`, then makes that file durable (fsync) and renames it to `path`: a
/// reader sees the old file or the whole new one. When anything fails the temporary file is removed and an Error
/// names `path` and the reason (for example a full disk).
void write_atomically(const std::filesystem::path& path, const std::function<void(const std::filesystem::path&)>& write);

/// The same for a text or bytes at hand.
void write_file(const std::filesystem::path& path, std::string_view content);

}  // namespace patronus
