#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace patronus {

/// Hashes that identify an image without decoding it.
struct ImageStamp {
  /// Size of the file, or hash of the pixels (drawn images: of the settings); the same for a copy of the data
  /// set.
  uint64_t identity = 0;
  /// Changes whenever the image may have changed; includes the file's path and times.
  uint64_t state = 0;
  /// The same for all names of one file; 0 for images in memory and on file systems without file numbers.
  uint64_t file = 0;
};

/// Stamps of files below `folder`. The state covers path, size, and the times of the last changes of content
/// and metadata. For 16 to 31 evenly spaced files (all, if there are fewer) it also covers part of the
/// content, because some file systems do not keep correct times. It does not cover device and file number,
/// because network file systems change them from one mount to the next. The stamp of a missing file is all 0.
std::vector<ImageStamp> stamps_of_files(const std::filesystem::path& folder,
                                        const std::vector<std::string>& names);

/// Stamps of images in memory, uint8 [N, ...], contiguous.
std::vector<ImageStamp> stamps_of_pixels(const at::Tensor& images);

}  // namespace patronus
