#pragma once
#include <c10/core/ScalarType.h>

#include <cstdint>

namespace patronus {

// Common to the transforms of Winograd's minimal filtering F(m x m, 3 x 3) (Lavin and Gray 2016, section 4):
// images are cut into tiles of m x m outputs. A tile is computed from (m + 2) x (m + 2) inputs with (m + 2)^2
// products, one per point, instead of 9 m^2.

/// Vector width in channels, of which a convolution's channels must be a multiple.
constexpr int64_t kWinogradLanes = 16;

/// Distance from one point to the next in [points, rows, columns], a little more than rows x columns: at
/// powers of two, neighbours would evict each other from the cache.
constexpr int64_t point_stride(int64_t rows, int64_t columns) {
  return rows * columns + 2 * kWinogradLanes;
}

/// Images [B, C, H, W], channels-last, float32 or bfloat16, cut into tiles of `tile` x `tile` pixels in
/// row-major order, image by image. The last ones may extend beyond the image, which is zero there.
struct TiledImages {
  c10::ScalarType type;
  int64_t images, channels, height, width;
  int64_t tile;

  int64_t tiles_down() const { return (height + tile - 1) / tile; }
  int64_t tiles_across() const { return (width + tile - 1) / tile; }
  int64_t tiles() const { return images * tiles_down() * tiles_across(); }
};

/// Tiles first ... first + count - 1. Those beyond the last are read as zeros and not written.
struct TileRange {
  int64_t first, count;
};

}  // namespace patronus
