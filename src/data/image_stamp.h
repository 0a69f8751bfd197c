#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace patronus {

/// Tells an image from another without decoding it.
struct ImageStamp {
  /// Size of the file, or hash of pixels in memory: the same for a copy of the data set.
  uint64_t identity = 0;
  /// Differs as soon as the image may: also of the file's path and times.
  uint64_t state = 0;
  /// The same for all names of a file; 0 in memory, and on file systems that number no files.
  uint64_t file = 0;
};

/// Stamps of files below `folder`, from one look at each: path, size, times of the last change of content and
/// of the file's entry; of sixteen of them also some of the content, for file systems that keep no honest
/// times. Device and file number are not in the state, since network file systems change them from one mount
/// to the next. A file that is not there gets the stamp of nothing.
std::vector<ImageStamp> stamps_of_files(const std::filesystem::path& folder,
                                        const std::vector<std::string>& names);

/// Stamps of images in memory, uint8 [N, ...], contiguous.
std::vector<ImageStamp> stamps_of_pixels(const at::Tensor& images);

}  // namespace patronus
