#include "data/cache.h"

#include <c10/util/ScopeExit.h>

#include <algorithm>
#include <csignal>
#include <optional>
#include <string>

#include "data/decode.h"
#include "data/listed_images.h"
#include "patronus/core/error.h"
#include "patronus/core/interrupt.h"
#include "patronus/core/log.h"
#include "patronus/core/progress.h"
#include "patronus/core/random.h"
#include "patronus/core/text.h"
#include "patronus/data/cache_folder.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/folder_lock.h"
#include "patronus/io/make_folder.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

constexpr size_t kNamed = 3;  // undecodable images named in a message

/// Hash of everything that determines the pixels: the settings, and the names and states of the images.
uint64_t cache_key(const ImageSource& source, const DataConfig& config) {
  const std::string settings = to_string(config.kind) + " " + to_string(config.resize) + " " +
                               std::to_string(config.channels) + " " + std::to_string(config.size) +
                               (config.skip_unreadable ? " skip" : "");
  uint64_t key = derive_seed(source.names.size(), settings);
  for (size_t i = 0; i < source.names.size(); ++i) key = derive_seed(key, source.names[i], source.states[i]);
  return key;
}

fs::path cache_file(const DataConfig& config, Split split, uint64_t key) {
  return cache_folder(config) /
         (to_string(config.kind) + "-" + to_string(split) + "-" + hexadecimal(key) + ".cache");
}

/// Maps the cache at `path`. Nothing if it is missing, damaged or has another key; logs the latter two.
std::optional<CachedImages> map_cache(const fs::path& path, uint64_t key) {
  if (!fs::exists(path)) return std::nullopt;
  auto file = open_cache_file(path);
  std::string damage;
  const auto header = read_cache_header(path, damage);
  if (!file) damage = "cannot be opened, or is being removed";
  if (header && header->key != key) damage = "made from other data";
  if (damage.empty()) {
    if (auto images = map_cache_file(std::move(*file), *header)) return images;
    damage = "truncated or damaged";
  }
  log_info_once(path.string() + ": " + damage + "; decoding the images again");
  return std::nullopt;
}

void stop_if_interrupted() {
  const int signal = interrupt_signal();
  if (signal == 0) return;
  throw Error("interrupted while decoding images; nothing was kept, the next run starts decoding again",
              exit_code_of(signal));
}

/// "photos: 3 of 22 images cannot be decoded".
std::string failure_count(const ImageSource& source, const DataConfig& config, size_t failures) {
  return shown_path(config).string() + ": " + std::to_string(failures) + " of " +
         std::to_string(source.names.size()) + " images cannot be decoded";
}

fs::path list_of_failures(fs::path cache) {
  return cache.replace_extension(kUnreadableExtension);
}

/// Writes a list of the undecodable images beside their cache if there are more than kNamed. Throws DataError
/// unless there are none, or they may be skipped and other images are left.
void report_failures(const std::vector<std::string>& failures, const ImageSource& source,
                     const DataConfig& config, const fs::path& cache) {
  const bool listed = failures.size() > kNamed;
  if (listed) write_file(list_of_failures(cache), join(failures, "\n") + "\n");
  if (failures.empty() || (config.skip_unreadable && failures.size() < source.names.size())) return;
  const std::span first(failures.begin(), std::min(failures.size(), kNamed));
  throw DataError(failure_count(source, config, failures.size()) + ": " + join(first, "; ") +
                  (listed ? "; ... (all in " + list_of_failures(cache).string() + ")" : "") +
                  "; repair or remove them" +
                  (config.skip_unreadable ? "" : ", or leave them out with data.skip_unreadable=true"));
}

/// Decodes all images into a cache file at `path`; returns the messages for those that cannot be decoded.
/// Returns nothing, leaving the file unfinished, if an image has to be resized although `header.resized` is
/// false.
std::optional<std::vector<std::string>> write_images(const fs::path& path, const ImageSource& source,
                                                     const DataConfig& config, const CacheHeader& header) {
  CacheWriter writer(path, header);
  std::vector<std::string> failures;
  Progress progress("decoding", header.listed, "images");
  const int64_t batch = decode_batch_size(config.size);
  for (int64_t first = 0; first < header.listed; first += batch) {
    stop_if_interrupted();
    const DecodedImages decoded =
        decode_images(source, config, {first, std::min(first + batch, header.listed)},
                      header.resized ? at::kShort : at::kByte);
    if (decoded.resized && !header.resized) return std::nullopt;
    for (int64_t i = 0; i < decoded.pixels.size(0); ++i) {
      const auto& failure = decoded.failures[i];
      if (failure.empty()) {
        writer.add(first + i, decoded.pixels[i], decoded.originals[i]);
      } else {
        failures.push_back(failure);
      }
    }
    progress.advance(decoded.pixels.size(0));
  }
  writer.finish();
  return failures;
}

void write_cache(const fs::path& path, const ImageSource& source, const DataConfig& config, uint64_t key) {
  const fs::path folder = path.parent_path();
  sweep_cache_folder(folder);
  CacheHeader header{.key = key,
                     .listed = std::ssize(source.names),
                     .channels = config.channels,
                     .size = config.size,
                     .source = config.path};
  write_atomically(path, [&](const fs::path& temporary) {
    auto failures = write_images(temporary, source, config, header);
    header.resized = !failures;
    if (header.resized) failures = write_images(temporary, source, config, header);
    report_failures(*failures, source, config, path);
  });
  log_info("decoded images: " + path.string() + " (" + bytes_text(fs::file_size(path)) + ")");
  limit_cache_folder(folder, config.cache_gb, header.source);
}

/// Writes the cache at `path`, or waits while another process does so; then maps it.
std::optional<CachedImages> decoded_by_one(const fs::path& path, const ImageSource& source,
                                           const DataConfig& config, uint64_t key) {
  make_folder(path.parent_path(), "name another folder of decoded images with data.cache=FOLDER");
  const fs::path place = path.string() + ".lock";
  const auto leave = c10::make_scope_exit([&] {
    // Fails if another process waits for the lock; that process then removes the folder.
    std::error_code waited_for;
    fs::remove(place, waited_for);
  });
  const FolderLock lock(place, FolderLock::WhenBusy::kWait, "data.cache");
  if (auto images = map_cache(path, key)) return images;
  write_cache(path, source, config, key);
  return map_cache(path, key);
}

void warn_of_missing(const ImageSource& source, const DataConfig& config, int64_t kept,
                     const fs::path& cache) {
  const size_t missing = source.names.size() - static_cast<size_t>(kept);
  if (missing == 0) return;
  const fs::path list = list_of_failures(cache);
  log_warning_once(failure_count(source, config, missing) + " and are left out (data.skip_unreadable)" +
                   (fs::exists(list) ? "; they are listed in " + list.string() : ""));
}

}  // namespace

CachedImages cached_images(const ImageSource& source, const DataConfig& config, Split split) {
  const uint64_t key = cache_key(source, config);
  const auto path = cache_file(config, split, key);
  auto images = map_cache(path, key);
  if (!images) images = decoded_by_one(path, source, config, key);
  if (!images) throw Error(path.string() + ": was changed while it was written; try again");
  mark_cache_used(path);
  warn_of_missing(source, config, images->kept.numel(), path);
  return *images;
}

}  // namespace patronus
