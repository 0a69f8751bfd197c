#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/data/data_config.h"

namespace patronus {

/// The folder of decoded images: `config.cache`, or patronus/data below $XDG_CACHE_HOME or ~/.cache.
std::filesystem::path cache_folder(const DataConfig& config);

/// One file of decoded images.
struct CacheEntry {
  std::filesystem::path file{};
  uintmax_t bytes = 0;
  std::filesystem::file_time_type last_used{};
  int64_t images = 0;    // 0 for a damaged file, or one of another version
  int64_t size = 0;      // height and width
  std::string source{};  // the data set's folder
};

/// The files of decoded images in a folder, the one that was used last first; none where there is no folder.
/// Files of others that end in .cache, too, are not among them.
std::vector<CacheEntry> list_cache_folder(const std::filesystem::path& folder);

/// Removes what decoding that was broken off left behind; gives the bytes.
uintmax_t sweep_cache_folder(const std::filesystem::path& folder);

/// Removes files that were not used for longest, but none of the data set `source` (as in CacheEntry), until
/// the folder's files take at most `gigabytes` (1e9 bytes; 0 for any), and says so; warns where they still
/// take more. Processes that use such a file keep their images.
void limit_cache_folder(const std::filesystem::path& folder, double gigabytes, const std::string& source);

/// Removes all decoded images and leftovers of a folder, and nothing else in it; gives the bytes. Warns of a
/// file that cannot be removed.
uintmax_t clear_cache_folder(const std::filesystem::path& folder);

/// Notes that a file of decoded images is used now.
void mark_cache_used(const std::filesystem::path& file);

/// "1.2 GB", "34 MB", "560 kB", "12 bytes".
std::string bytes_text(uintmax_t bytes);

}  // namespace patronus
