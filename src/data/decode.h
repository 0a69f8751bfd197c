#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "patronus/data/data_config.h"
#include "patronus/data/original_image.h"

namespace patronus {

/// Images that are to be decoded.
struct ImageSource {
  std::vector<std::string> names;  // for messages
  std::vector<uint64_t> states;    // of each image; they tell whether a cache is up to date
  /// Image i as uint8 [1 or 3, H, W]; DataError when it cannot be decoded. Called from several threads.
  std::function<at::Tensor(int64_t)> read;
};

struct IndexRange {
  int64_t first = 0, end = 0;
};

struct DecodedImages {
  at::Tensor pixels;                     // [n, C, size, size], in the storage type asked for
  std::vector<std::string> failures;     // per image; empty where it could be decoded
  std::vector<OriginalImage> originals;  // per image: what was read
  bool resized = false;                  // some image had another size
};

/// Reads, crops and resizes a range of images on all threads. Storage is uint8, for which images of another
/// size are left out (`resized` tells), or int16 in units of 1/16384.
DecodedImages decode_images(const ImageSource& source, const DataConfig& config, IndexRange range,
                            at::ScalarType storage);

/// How many images to decode at a time: enough for all threads, few enough for memory.
int64_t decode_batch_size(int64_t size);

/// Images in [-1, 1] from stored pixels: float32 of the same shape.
at::Tensor unpacked(const at::Tensor& stored);

}  // namespace patronus
