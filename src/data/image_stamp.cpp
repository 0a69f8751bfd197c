#include "data/image_stamp.h"

#include <ATen/Parallel.h>
#include <sys/stat.h>
#include <zlib.h>

#include <algorithm>
#include <fstream>

#include "patronus/core/random.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

uint64_t mixed(uint64_t hash, uint64_t value) {
  return derive_seed(hash, "", value);
}

uint64_t nanoseconds(const timespec& time) {
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

/// Hash of up to 16 KiB from the middle of a file.
uint64_t content_sample(const fs::path& path, int64_t size) {
  std::string piece(static_cast<size_t>(std::min<int64_t>(size, 1 << 14)), '\0');
  std::ifstream file(path, std::ios::binary);
  file.seekg((size - std::ssize(piece)) / 2);
  file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
  return derive_seed(0, piece);
}

ImageStamp stamp_of(const fs::path& path, bool with_sample) {
  struct stat status = {};
  if (stat(path.c_str(), &status) != 0) return {};
  const auto size = static_cast<uint64_t>(status.st_size);
  uint64_t state = derive_seed(size, path.native(), nanoseconds(status.st_mtim));
  state = mixed(state, nanoseconds(status.st_ctim));
  if (with_sample) state = mixed(state, content_sample(path, status.st_size));
  const uint64_t file = derive_seed(mixed(status.st_dev, size), "file", status.st_ino);
  return {size, state, status.st_ino == 0 ? 0 : file};
}

}  // namespace

std::vector<ImageStamp> stamps_of_files(const fs::path& folder, const std::vector<std::string>& names) {
  constexpr size_t kSamples = 16;
  std::error_code absent;
  const fs::path full = fs::weakly_canonical(folder, absent);
  const size_t step = std::max<size_t>(names.size() / kSamples, 1);
  std::vector<ImageStamp> stamps(names.size());
  constexpr int64_t kGrain = 1024;
  at::parallel_for(0, std::ssize(names), kGrain, [&](int64_t first, int64_t last) {
    for (auto i = static_cast<size_t>(first); i < static_cast<size_t>(last); ++i)
      stamps[i] = stamp_of(full / names[i], i % step == 0);
  });
  return stamps;
}

std::vector<ImageStamp> stamps_of_pixels(const at::Tensor& images) {
  std::vector<ImageStamp> stamps;
  if (images.size(0) == 0) return stamps;
  const size_t bytes = images.nbytes() / static_cast<size_t>(images.size(0));
  const auto* image = static_cast<const Bytef*>(images.const_data_ptr());
  for (int64_t i = 0; i < images.size(0); ++i, image += bytes) {
    const uint64_t hash = crc32_z(0, image, bytes);
    stamps.push_back({.identity = hash, .state = hash});
  }
  return stamps;
}

}  // namespace patronus
