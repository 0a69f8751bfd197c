#pragma once
#include "models/winograd_tiles.h"

namespace patronus {

// Transforms of Winograd's F(4 x 4, 3 x 3) (Lavin and Gray 2016, section 4): 4 x 4 outputs of a 3 x 3
// convolution from 6 x 6 inputs take 36 products, one per point, instead of 144.

constexpr int64_t kWinogradTile = 4;
constexpr int64_t kWinogradPoints = 36;

/// B^T d B of each tile's 6 x 6 inputs d, into `points` [36, count, C].
void transform_inputs(const TiledImages& images, const void* pixels, TileRange tiles, float* points);

/// A^T m A of `points` [36, count, C], plus `bias` [C] (or null), into the tiles' pixels.
void transform_outputs(const TiledImages& images, const float* points, const float* bias, TileRange tiles,
                       void* pixels);

/// A d A^T of each tile's 4 x 4 pixels d, into `points` [36, count, C]: gradient of `transform_outputs`.
void transform_output_gradients(const TiledImages& images, const void* pixels, TileRange tiles,
                                float* points);

/// G g G^T of filters `first` ... `last` - 1 of [filters, 3, 3, channels], into `points` [36, filters,
/// channels]. `rotated`: rotates the filters by 180 degrees, as the gradient with respect to the input needs.
void transform_filters(const float* filters, int64_t first, int64_t last, int64_t all, int64_t channels,
                       bool rotated, float* points);

/// Gradient of `transform_filters` (not rotated): from that of `points` [36, filters, channels] to that of
/// `filters` [filters, 3, 3, channels].
void transform_filter_gradients(const float* points, int64_t count, int64_t channels, float* filters);

/// Transposes [36, rows, columns] to [36, columns, rows]; both are multiples of 16.
void transpose_points(const float* from, int64_t rows, int64_t columns, float* to);

}  // namespace patronus
