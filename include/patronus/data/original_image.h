#pragma once
#include <cstdint>

namespace patronus {

/// What is kept of an image as it was before it was prepared.
struct OriginalImage {
  uint64_t hash = 0;   // of its size and pixels
  int32_t width = 0;   // pixels
  int32_t height = 0;  // pixels
  int64_t gray = 0;    // 1 where its channels are equal in every pixel, else 0
};

}  // namespace patronus
