#include "patronus/data/cache_folder.h"

#include <fcntl.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "data/cache_file.h"
#include "patronus/core/config_files.h"
#include "patronus/core/log.h"
#include "patronus/core/text.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/folder_lock.h"
#include "patronus/io/open_file.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kCacheExtension = ".cache";

/// The file, for a lock, which on network file systems takes the right to write; nothing if it cannot be
/// opened.
std::optional<OpenFile> opened_for_lock(const fs::path& path) {
  for (const int flags : {O_RDWR, O_RDONLY}) {
    try {
      return OpenFile(path, flags);
    } catch (const std::system_error&) {
      // The removal says why.
    }
  }
  return std::nullopt;
}

/// Removes a cache file and its list of undecodable images; returns the bytes freed, or 0, with a warning, if
/// the file is in use or cannot be removed. On network file systems other machines would lose the pixels of a
/// file in use.
uintmax_t remove_entry(const CacheEntry& entry) {
  const auto file = opened_for_lock(entry.file);
  const auto lock = file ? file->try_lock() : std::error_code();
  if (lock == std::errc::operation_would_block) {
    log_warning(entry.file.string() + ": is in use, and stays");
    return 0;
  }
  if (lock == std::errc::bad_file_descriptor) {
    log_warning(entry.file.string() + ": is another user's, who may use it, and stays");
    return 0;
  }
  std::error_code error, ignored;
  fs::remove(entry.file, error);
  if (error) {
    log_warning(entry.file.string() + ": cannot be removed: " + error.message());
    return 0;
  }
  fs::remove(fs::path(entry.file).replace_extension(kUnreadableExtension), ignored);
  return entry.bytes;
}

std::vector<fs::path> paths_ending_in(const fs::path& folder, const std::string& ending) {
  std::error_code ignored;
  std::vector<fs::path> paths;
  for (const auto& file : fs::directory_iterator(folder, ignored)) {
    if (file.path().filename().string().ends_with(ending)) paths.push_back(file.path());
  }
  return paths;
}

/// Removes what killed processes have left: unfinished files and locks; returns the bytes freed.
uintmax_t remove_abandoned(const fs::path& folder) {
  for (const auto& lock : paths_ending_in(folder, std::string(kCacheExtension) + ".lock"))
    remove_abandoned_lock(lock);
  return remove_abandoned_files(folder, Depth::kFolder, kCacheExtension);
}

/// Removes the remaining lists of undecodable images, from failed decodings, which leave no cache file.
void remove_lists(const fs::path& folder) {
  std::error_code ignored;
  for (const auto& list : paths_ending_in(folder, kUnreadableExtension)) fs::remove(list, ignored);
}

}  // namespace

fs::path cache_folder(const DataConfig& config) {
  if (!config.cache.empty()) return expand_home(config.cache);
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  const fs::path base = cache && *cache ? fs::path(cache)
                        : home && *home ? fs::path(home) / ".cache"
                                        : fs::temp_directory_path();
  return base / "patronus" / "data";
}

std::vector<CacheEntry> list_cache_folder(const fs::path& folder) {
  std::vector<CacheEntry> entries;
  std::error_code error;
  for (const auto& file : fs::directory_iterator(folder, error)) {
    const bool may_be = file.path().extension() == kCacheExtension && file.is_regular_file(error);
    if (!may_be || !is_cache_file(file.path())) continue;
    CacheEntry entry{
        .file = file.path(), .bytes = file.file_size(error), .last_used = file.last_write_time(error)};
    std::string damage;
    if (const auto header = read_cache_header(file.path(), damage)) {
      entry.images = header->kept;
      entry.size = header->size;
      entry.source = header->source;
    }
    entries.push_back(std::move(entry));
  }
  std::sort(entries.begin(), entries.end(),
            [](const CacheEntry& a, const CacheEntry& b) { return a.last_used > b.last_used; });
  return entries;
}

uintmax_t sweep_cache_folder(const fs::path& folder) {
  const uintmax_t bytes = remove_abandoned(folder);
  if (bytes > 0)
    log_info(folder.string() + ": removed " + bytes_text(bytes) + " that broken-off decoding had left");
  return bytes;
}

void limit_cache_folder(const fs::path& folder, double gigabytes, const std::string& source) {
  if (gigabytes == 0) return;
  auto entries = list_cache_folder(folder);
  uintmax_t bytes = 0;
  for (const auto& entry : entries) bytes += entry.bytes;
  const auto is_too_much = [&] { return static_cast<double>(bytes) > gigabytes * 1e9; };
  for (; !entries.empty() && is_too_much(); entries.pop_back()) {
    const CacheEntry& oldest = entries.back();
    if (oldest.source == source) continue;
    if (remove_entry(oldest) == 0) continue;
    bytes -= oldest.bytes;
    log_info(oldest.file.string() + ": removed (" + bytes_text(oldest.bytes) +
             "), as the cache is larger than data.cache_gb=" + format_float(gigabytes));
  }
  if (is_too_much()) {
    log_warning_once(folder.string() + ": the decoded images take " + bytes_text(bytes) +
                     ", more than data.cache_gb=" + format_float(gigabytes) + "; those of " + source +
                     " and those in use stay, for they would be decoded again at every command");
  }
}

uintmax_t clear_cache_folder(const fs::path& folder) {
  uintmax_t bytes = remove_abandoned(folder);
  for (const auto& entry : list_cache_folder(folder)) bytes += remove_entry(entry);
  remove_lists(folder);
  return bytes;
}

void mark_cache_used(const fs::path& file) {
  std::error_code ignored;  // the folder may belong to another user
  fs::last_write_time(file, fs::file_time_type::clock::now(), ignored);
}

std::string bytes_text(uintmax_t bytes) {
  constexpr std::pair<double, const char*> kUnits[] = {{1e9, " GB"}, {1e6, " MB"}, {1e3, " kB"}};
  const auto count = static_cast<double>(bytes);
  for (const auto& [unit, name] : kUnits) {
    if (count >= unit) return format_fixed(count / unit, count < 10 * unit ? 1 : 0) + name;
  }
  return std::to_string(bytes) + " bytes";
}

}  // namespace patronus
