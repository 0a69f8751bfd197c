#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "patronus/data/original_image.h"

namespace patronus {

// A file of decoded images: a page of 4096 bytes with the header and the name of the data set, the pixels [N,
// C, size, size], and for each image the int64 index in its source, what it was made from (OriginalImage),
// and the low half of a hash of its pixels.

/// How the file beside it ends that lists the images which could not be decoded, where they are many.
inline constexpr const char* kUnreadableEnding = ".unreadable.txt";

/// What the header says besides sizes.
struct CacheHeader {
  uint64_t key = 0;    // hash of all that decides about the pixels
  int64_t listed = 0;  // images of the source
  int64_t kept = 0;    // of them in this file
  int64_t channels = 0;
  int64_t size = 0;      // height and width
  bool resized = false;  // int16 pixels in units of 1/16384 instead of uint8
  std::string source;    // the data set, for people

  int64_t pixel_bytes() const { return resized ? 2 : 1; }
  int64_t image_bytes() const { return channels * size * size * pixel_bytes(); }
  int64_t file_bytes() const;
};

/// Images of a cache file.
struct CachedImages {
  at::Tensor pixels;                     // uint8 or int16 [N, C, size, size], mapped into memory
  at::Tensor kept;                       // int64 [N], index of each image in its source
  std::vector<OriginalImage> originals;  // [N], what each was made from
};

/// Whether a file begins as those of decoded images do, in whatever version.
bool is_cache_file(const std::filesystem::path& path);

/// The header of a cache file, if it is one of this version and as long as its header says; `damage` says
/// what is wrong otherwise.
std::optional<CacheHeader> read_cache_header(const std::filesystem::path& path, std::string& damage);

/// Maps a whole cache file whose header has been read, after checking all of it against its checksums.
/// Nothing where these do not match.
std::optional<CachedImages> map_cache_file(const std::filesystem::path& path, const CacheHeader& header);

/// Writes a cache file image by image.
class CacheWriter {
 public:
  /// `header.kept` is counted by the writer. Throws std::ios_base::failure when writing fails.
  CacheWriter(const std::filesystem::path& path, const CacheHeader& header);
  /// The next image, index `index` of its source: contiguous, of the header's type and size, made from
  /// `original`.
  void add(int64_t index, const at::Tensor& pixels, const OriginalImage& original);
  /// Without this the file is no cache.
  void finish();

 private:
  std::ofstream file_;
  CacheHeader header_;
  std::vector<int64_t> kept_;
  std::vector<OriginalImage> originals_;
  std::vector<uint32_t> checksums_;
};

}  // namespace patronus
