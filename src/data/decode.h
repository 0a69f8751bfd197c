#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "patronus/data/data_config.h"
#include "patronus/data/original_image.h"

namespace patronus {

/// Images to decode.
struct ImageSource {
  std::vector<std::string> names;  // [N], names in the data set
  std::vector<uint64_t> states;    // [N], ImageStamp::state; show whether a cache is up to date
  /// Reads image i as uint8 [1 or 3, H, W]; throws DataError if it cannot be decoded. Called from several
  /// threads.
  std::function<at::Tensor(int64_t)> read;
};

struct IndexRange {
  int64_t first = 0, end = 0;
};

struct DecodedImages {
  at::Tensor pixels;                     // [n, C, size, size], in the requested storage type
  std::vector<std::string> failures;     // [n], error messages; empty for decoded images
  std::vector<OriginalImage> originals;  // [n], properties before preprocessing
  bool resized = false;                  // whether any image had another size
};

/// Reads, crops and resizes a range of images on all threads. `storage`: uint8, with which images of another
/// size are only reported (`resized`), not stored; or int16 in units of 1/16384.
DecodedImages decode_images(const ImageSource& source, const DataConfig& config, IndexRange range,
                            at::ScalarType storage);

/// Number of images to decode at a time: enough for all threads, few enough for memory.
int64_t decode_batch_size(int64_t size);

/// Converts stored pixels to images in [-1, 1] (plus any overshoot): float32 of the same shape.
at::Tensor unpacked(const at::Tensor& stored);

}  // namespace patronus
