#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/data/data_config.h"

namespace patronus {

/// Folder of decoded images: `config.cache`, or patronus/data in $XDG_CACHE_HOME or ~/.cache.
std::filesystem::path cache_folder(const DataConfig& config);

/// One cache file of decoded images.
struct CacheEntry {
  std::filesystem::path file{};
  uintmax_t bytes = 0;
  std::filesystem::file_time_type last_used{};
  int64_t images = 0;    // 0 if the file is damaged or has another version
  int64_t size = 0;      // height and width in pixels
  std::string source{};  // folder of the data set
};

/// Lists the cache files in a folder, most recently used first; empty if there is no folder. Skips other
/// programs' files that end in .cache.
std::vector<CacheEntry> list_cache_folder(const std::filesystem::path& folder);

/// Removes leftovers of interrupted decoding; returns the bytes freed.
uintmax_t sweep_cache_folder(const std::filesystem::path& folder);

/// Removes the least recently used files, except those of the data set `source` (as in CacheEntry) and those
/// that a process has open, until the folder's files take at most `gigabytes` (1e9 bytes; 0: no limit), and
/// logs this. Warns if they still take more. Where the file system has no locks, a file that a process has
/// open is removed, too.
void limit_cache_folder(const std::filesystem::path& folder, double gigabytes, const std::string& source);

/// Removes all decoded images and leftovers in a folder, but nothing else; returns the bytes freed. Warns of
/// a file that stays because a process has it open, or it cannot be removed.
uintmax_t clear_cache_folder(const std::filesystem::path& folder);

/// Marks a cache file as used now.
void mark_cache_used(const std::filesystem::path& file);

/// Formats a number of bytes: "1.2 GB", "34 MB", "560 kB", "12 bytes".
std::string bytes_text(uintmax_t bytes);

}  // namespace patronus
