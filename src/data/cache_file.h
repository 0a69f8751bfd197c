#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "patronus/data/original_image.h"
#include "patronus/io/open_file.h"

namespace patronus {

// Format of a file of decoded images: a page of 4096 bytes with the header; the pixels [N, C, size, size];
// then for all images their int64 indices in the source, their OriginalImages, and the low halves of the
// hashes of their pixels.

/// Extension, in place of the cache file's own, of the list of images that could not be decoded.
inline constexpr const char* kUnreadableExtension = ".unreadable.txt";

/// Header of a cache file.
struct CacheHeader {
  uint64_t key = 0;    // hash of everything that determines the pixels
  int64_t listed = 0;  // number of images in the source
  int64_t kept = 0;    // number of those that are in this file
  int64_t channels = 0;
  int64_t size = 0;      // height and width in pixels
  bool resized = false;  // int16 pixels in units of 1/16384 instead of uint8
  std::string source;    // folder of the data set

  int64_t pixel_bytes() const { return resized ? 2 : 1; }
  int64_t image_bytes() const { return channels * size * size * pixel_bytes(); }
  int64_t file_bytes() const;
};

/// Content of a cache file.
struct CachedImages {
  at::Tensor pixels;                     // uint8 or int16 [N, C, size, size], memory-mapped
  at::Tensor kept;                       // int64 [N], index of each image in its source
  std::vector<OriginalImage> originals;  // [N], properties before preprocessing
};

/// Whether a file begins like a cache file of any version.
bool is_cache_file(const std::filesystem::path& path);

/// Reads the header of a cache file. Nothing unless this is a cache file of this version with the length that
/// its header implies. `damage`: set to what is wrong, or cleared.
std::optional<CacheHeader> read_cache_header(const std::filesystem::path& path, std::string& damage);

/// Opens a cache file and, where the file system has locks, locks it against removal (limit_cache_folder and
/// clear_cache_folder). Nothing if it cannot be opened or is just being removed.
std::optional<OpenFile> open_cache_file(const std::filesystem::path& path);

/// Maps a cache file with this `header`, already read. Its pixels keep `file` open. Nothing if any checksum
/// of the file does not match.
std::optional<CachedImages> map_cache_file(OpenFile file, const CacheHeader& header);

/// Writes a cache file image by image.
class CacheWriter {
 public:
  /// Ignores `header.kept`, which is counted. All functions throw std::ios_base::failure if writing fails.
  CacheWriter(const std::filesystem::path& path, const CacheHeader& header);
  /// Appends image `index` of the source. `pixels`: contiguous, of the type and size in the header;
  /// `original`: its properties before preprocessing.
  void add(int64_t index, const at::Tensor& pixels, const OriginalImage& original);
  /// Writes the header; before that, the file is not a valid cache.
  void finish();

 private:
  std::ofstream file_;
  CacheHeader header_;
  std::vector<int64_t> kept_;
  std::vector<OriginalImage> originals_;
  std::vector<uint32_t> checksums_;
};

}  // namespace patronus
