#pragma once
#include <c10/core/ScalarType.h>

#include <cstdint>

namespace patronus {

// What the transforms of Winograd's minimal filtering F(m x m, 3 x 3) (Lavin and Gray 2016, section 4) share:
// images cut into tiles of m x m outputs, each of which is computed from (m + 2) x (m + 2) inputs by one
// product at each of (m + 2)^2 points, where it takes 9 m^2 directly.

/// Channels are worked on in vectors of so many: those of a convolution must be a multiple.
constexpr int64_t kWinogradLanes = 16;

/// Values [points, rows, columns] in memory: from one point to the next is a little more than rows x columns,
/// since neighbours at powers of two drive each other out of the cache.
constexpr int64_t point_stride(int64_t rows, int64_t columns) {
  return rows * columns + 2 * kWinogradLanes;
}

/// Images [B, C, H, W] in channels-last layout, of float32 or bfloat16, cut into tiles of `tile` x `tile`
/// pixels, image by image, row by row; the last ones may reach beyond the image, where there are zeros.
struct TiledImages {
  c10::ScalarType type;
  int64_t images, channels, height, width;
  int64_t tile;

  int64_t tiles_down() const { return (height + tile - 1) / tile; }
  int64_t tiles_across() const { return (width + tile - 1) / tile; }
  int64_t tiles() const { return images * tiles_down() * tiles_across(); }
};

/// Tiles first ... first + count - 1; those beyond the last are zeros when read, and not written.
struct TileRange {
  int64_t first, count;
};

}  // namespace patronus
