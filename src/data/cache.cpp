#include "data/cache.h"

#include <ATen/Functions.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>

#include "data/decode.h"
#include "patronus/core/error.h"
#include "patronus/core/interrupt.h"
#include "patronus/core/log.h"
#include "patronus/core/progress.h"
#include "patronus/core/random.h"
#include "patronus/io/atomic_file.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kHeaderBytes = 4096;  // a page, so that the pixels are aligned

struct Header {
  char magic[8] = {'P', 'A', 'T', 'R', 'D', 'A', 'T', 'A'};
  uint32_t version = 1;
  uint32_t pixel_bytes = 1;  // 1: uint8, 2: int16
  uint64_t key = 0;
  int64_t listed = 0;  // images of the source
  int64_t kept = 0;    // of them in this file
  int64_t channels = 0;
  int64_t size = 0;
  uint64_t checksum = 0;  // of this header with checksum 0, and of the kept indices

  int64_t image_bytes() const { return channels * size * size * pixel_bytes; }
  int64_t file_bytes() const { return kHeaderBytes + kept * (image_bytes() + int64_t{sizeof(int64_t)}); }
};

/// Hash of all that decides about the pixels.
uint64_t cache_key(const ImageSource& source, const DataConfig& config) {
  const std::string settings = config.kind + " " + config.resize + " " + std::to_string(config.channels) +
                               " " + std::to_string(config.size) + (config.skip_unreadable ? " skip" : "");
  uint64_t key = derive_seed(source.names.size(), settings);
  for (const auto& name : source.names) key = derive_seed(key, name);
  for (const auto& file : source.files) {
    std::error_code absent;  // such a file is reported when it is decoded
    const auto time = fs::last_write_time(file, absent).time_since_epoch().count();
    key = derive_seed(derive_seed(key, "size", fs::file_size(file, absent)), "time",
                      static_cast<uint64_t>(time));
  }
  return key;
}

uint64_t checksum_of(Header header, const at::Tensor& kept) {
  header.checksum = 0;
  const uint64_t hash = derive_seed(0, {reinterpret_cast<const char*>(&header), sizeof header});
  return derive_seed(hash, {static_cast<const char*>(kept.const_data_ptr()), kept.nbytes()});
}

/// The cache folder that is configured, or the user's.
fs::path cache_folder(const DataConfig& config) {
  if (!config.cache.empty()) return config.cache;
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  const fs::path base = cache && *cache ? fs::path(cache)
                        : home && *home ? fs::path(home) / ".cache"
                                        : fs::temp_directory_path();
  return base / "patronus" / "data";
}

fs::path keyed_file(const DataConfig& config, Split split, uint64_t key) {
  char text[20];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(key));
  return cache_folder(config) / (config.kind + "-" + to_string(split) + "-" + text + ".cache");
}

void create_cache_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    throw Error(folder.string() + ": cannot create the cache folder: " + error.message() +
                "; name another with data.cache=FOLDER");
  }
}

/// What is wrong with a header, or nothing.
std::string header_damage(const Header& header, uint64_t key, uintmax_t file_bytes) {
  const Header expected;
  if (std::memcmp(header.magic, expected.magic, sizeof header.magic) != 0) return "not a cache file";
  if (header.version != expected.version) return "written by another version";
  if (header.key != key) return "made from other data";
  const bool sane = (header.pixel_bytes == 1 || header.pixel_bytes == 2) && header.kept > 0 &&
                    header.kept <= header.listed && header.channels <= 3 && header.size <= 1024;
  if (!sane || file_bytes != static_cast<uintmax_t>(header.file_bytes())) return "truncated or damaged";
  return "";
}

CachedImages map_pixels(const fs::path& path, const Header& header, const at::Tensor& kept) {
  const int64_t pixel_bytes = header.kept * header.image_bytes();
  const auto bytes = at::from_file(path.string(), /*shared=*/false, header.file_bytes(), at::kByte);
  const auto pixels =
      bytes.narrow(0, kHeaderBytes, pixel_bytes).view(header.pixel_bytes == 1 ? at::kByte : at::kShort);
  return {pixels.view({header.kept, header.channels, header.size, header.size}), kept};
}

/// The cache at `path` if it is whole and belongs to `key`; logs why not.
std::optional<CachedImages> map_cache(const fs::path& path, uint64_t key) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  const auto refuse = [&](const std::string& reason) {
    log_info(path.string() + ": " + reason + "; decoding the images again");
    return std::nullopt;
  };
  Header header;
  if (!file.read(reinterpret_cast<char*>(&header), sizeof header)) return refuse("truncated or damaged");
  if (const auto damage = header_damage(header, key, fs::file_size(path)); !damage.empty())
    return refuse(damage);
  auto kept = at::empty({header.kept}, at::kLong);
  file.seekg(kHeaderBytes + header.kept * header.image_bytes());
  file.read(static_cast<char*>(kept.mutable_data_ptr()), static_cast<std::streamsize>(kept.nbytes()));
  if (!file || checksum_of(header, kept) != header.checksum) return refuse("truncated or damaged");
  return map_pixels(path, header, kept);
}

void stop_if_interrupted() {
  const int signal = interrupt_signal();
  if (signal == 0) return;
  throw Error("interrupted while decoding images; nothing was kept, the next run starts decoding again",
              signal == SIGTERM ? ExitCode::kTerminated : ExitCode::kInterrupted);
}

void check_failures(const std::vector<std::string>& failures, const ImageSource& source,
                    const DataConfig& config) {
  if (failures.empty() || (config.skip_unreadable && failures.size() < source.names.size())) return;
  const std::span first(failures.begin(), std::min<size_t>(failures.size(), 3));
  throw DataError(config.path + ": " + std::to_string(failures.size()) + " of " +
                  std::to_string(source.names.size()) + " images cannot be decoded: " + join(first, "; ") +
                  (failures.size() > 3 ? "; ..." : "") + "; repair or remove them" +
                  (config.skip_unreadable ? "" : ", or leave them out with data.skip_unreadable=true"));
}

void write_bytes(std::ofstream& file, const void* bytes, size_t count) {
  file.write(static_cast<const char*>(bytes), static_cast<std::streamsize>(count));
}

/// Decodes all images into a cache file at `path`. False, with the file unfinished, when one of them had to
/// be resized although `pixel_type` is uint8.
bool write_images(const fs::path& path, const ImageSource& source, const DataConfig& config,
                  at::ScalarType pixel_type) {
  const auto listed = static_cast<int64_t>(source.names.size());
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.exceptions(std::ios::badbit | std::ios::failbit);
  write_bytes(file, std::string(kHeaderBytes, '\0').data(), kHeaderBytes);
  std::vector<int64_t> kept;
  std::vector<std::string> failures;
  Progress progress("decoding", listed, "images");
  const int64_t batch = decode_batch_size(config.size);
  for (int64_t first = 0; first < listed; first += batch) {
    stop_if_interrupted();
    const DecodedImages decoded =
        decode_images(source, config, {first, std::min(first + batch, listed)}, pixel_type);
    if (decoded.resized && pixel_type == at::kByte) return false;
    for (int64_t i = 0; i < decoded.pixels.size(0); ++i) {
      const auto& failure = decoded.failures[static_cast<size_t>(i)];
      if (failure.empty()) {
        write_bytes(file, decoded.pixels[i].const_data_ptr(), decoded.pixels[i].nbytes());
        kept.push_back(first + i);
      } else {
        failures.push_back(failure);
      }
    }
    progress.advance(decoded.pixels.size(0));
  }
  progress.clear();
  check_failures(failures, source, config);
  Header header{.pixel_bytes = pixel_type == at::kByte ? 1u : 2u,
                .key = cache_key(source, config),
                .listed = listed,
                .kept = static_cast<int64_t>(kept.size()),
                .channels = config.channels,
                .size = config.size};
  header.checksum = checksum_of(header, at::tensor(kept, at::kLong));
  write_bytes(file, kept.data(), kept.size() * sizeof(int64_t));
  file.seekp(0);
  write_bytes(file, &header, sizeof header);
  file.close();
  return true;
}

void warn_of_missing(const ImageSource& source, const DataConfig& config, const at::Tensor& kept) {
  const auto missing = static_cast<int64_t>(source.names.size()) - kept.numel();
  if (missing == 0) return;
  log_warning(config.path + ": " + std::to_string(missing) + " of " + std::to_string(source.names.size()) +
              " images cannot be decoded and are left out (data.skip_unreadable)");
}

}  // namespace

fs::path cache_file(const ImageSource& source, const DataConfig& config, Split split) {
  return keyed_file(config, split, cache_key(source, config));
}

CachedImages cached_images(const ImageSource& source, const DataConfig& config, Split split) {
  const uint64_t key = cache_key(source, config);  // looks at every file: once is enough
  const auto path = keyed_file(config, split, key);
  auto images = map_cache(path, key);
  if (!images) {
    create_cache_folder(path.parent_path());
    write_atomically(path, [&](const fs::path& temporary) {
      if (!write_images(temporary, source, config, at::kByte))
        write_images(temporary, source, config, at::kShort);
    });
    images = map_cache(path, key);
  }
  if (!images) throw Error(path.string() + ": the images changed while they were decoded; try again");
  warn_of_missing(source, config, images->kept);
  return *images;
}

}  // namespace patronus
