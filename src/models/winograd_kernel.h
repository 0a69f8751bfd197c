#pragma once
#include "models/winograd_tiles.h"

namespace patronus {

// The transforms of Winograd's F(4 x 4, 3 x 3) (Lavin and Gray 2016, section 4): a convolution of 3 x 3 gives
// 4 x 4 outputs of a tile from 6 x 6 inputs by one product at each of 36 points, where it takes 144 directly.

constexpr int64_t kWinogradTile = 4;
constexpr int64_t kWinogradPoints = 36;

/// B^T d B of the 6 x 6 pixels d that a tile's outputs are made of, into `points`, [36, count, C].
void transform_inputs(const TiledImages& images, const void* pixels, TileRange tiles, float* points);

/// A^T m A of `points`, [36, count, C], plus `bias`, [C] or null: the pixels of the tiles.
void transform_outputs(const TiledImages& images, const float* points, const float* bias, TileRange tiles,
                       void* pixels);

/// A d A^T of the 4 x 4 pixels d of a tile, into `points`, [36, count, C]: the gradient of
/// `transform_outputs`.
void transform_output_gradients(const TiledImages& images, const void* pixels, TileRange tiles,
                                float* points);

/// G g G^T of filters `first` ... `last` - 1 of [filters, 3, 3, channels], into `points`, [36, filters,
/// channels]. With `turned`, of the filters turned by 180 degrees, which a convolution's gradient is
/// convolved with.
void transform_filters(const float* filters, int64_t first, int64_t last, int64_t all, int64_t channels,
                       bool turned, float* points);

/// The gradient of `transform_filters` (not turned): from that of `points`, [36, filters, channels], to that
/// of `filters`, [filters, 3, 3, channels].
void transform_filter_gradients(const float* points, int64_t count, int64_t channels, float* filters);

/// [36, rows, columns] to [36, columns, rows]; both a multiple of 16.
void transpose_points(const float* from, int64_t rows, int64_t columns, float* to);

}  // namespace patronus
