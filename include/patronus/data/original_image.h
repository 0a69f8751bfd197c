#pragma once
#include <cstdint>

namespace patronus {

/// Properties of an image before preprocessing.
struct OriginalImage {
  uint64_t hash = 0;   // hash of its size and pixels
  int32_t width = 0;   // pixels
  int32_t height = 0;  // pixels
  int64_t gray = 0;    // 1 if all channels are equal in every pixel, else 0
};

}  // namespace patronus
