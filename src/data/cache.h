#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>

#include "data/image_source.h"
#include "patronus/data/dataset.h"

namespace patronus {

// The cache of a split is one file, <kind>-<split>-<key>.cache: a header of 4096 bytes, the pixels [N, C,
// size, size], and the int64 [N] indices of the images that could be decoded. The key covers the names, sizes
// and times of the files and all settings that change a pixel. Pixels are uint8 where no image had to be
// resized, which is exact, else int16 in units of 1/16384: an error of at most 3.1e-5, and room for the
// overshoot of the resize.

struct CachedImages {
  at::Tensor pixels;  // uint8 or int16 [N, C, size, size], mapped into memory
  at::Tensor kept;    // int64 [N], index of each image in the source; all of them unless `skip_unreadable`
};

/// Maps the cache of `source`; writes it first when it is absent, of other data, or damaged (which is
/// logged). A process that writes the same cache at the same time does no harm: each writes a file of its own
/// and renames it. DataError when images cannot be decoded and `config.skip_unreadable` is off, or when none
/// is left.
CachedImages cached_images(const ImageSource& source, const DataConfig& config, Split split);

/// The file that it uses.
std::filesystem::path cache_file(const ImageSource& source, const DataConfig& config, Split split);

}  // namespace patronus
