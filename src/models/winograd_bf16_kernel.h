#pragma once
#include <c10/util/BFloat16.h>

#include "models/winograd_tiles.h"

namespace patronus {

// Transforms of Winograd's F(2 x 2, 3 x 3) for bfloat16 products: 2 x 2 outputs of a 3 x 3 convolution from 4
// x 4 inputs take 16 products, one per point, instead of 36. The transforms only add, subtract and halve, so
// that rounding at the points costs little; with F(4 x 4, 3 x 3) it would cost six times as much.

constexpr int64_t kWinograd2x2Tile = 2;
constexpr int64_t kWinograd2x2Points = 16;

/// B^T d B of each tile's 4 x 4 inputs d, into `points` [16, count, C] bfloat16.
void transform_inputs_2x2(const TiledImages& images, const c10::BFloat16* pixels, TileRange tiles,
                          c10::BFloat16* points);

/// A^T m A of `points` [16, count, C], plus `bias` [C] (or null), into the tiles' pixels.
void transform_outputs_2x2(const TiledImages& images, const float* points, const float* bias, TileRange tiles,
                           c10::BFloat16* pixels);

/// G g G^T of filters `first` ... `last` - 1, both even, of [filters, 3, 3, channels], into `points` [16,
/// filters / 2, channels, 2] bfloat16, the layout of the right operand of bfloat16 products. `rotated`: as in
/// `transform_filters`.
void transform_filters_2x2(const float* filters, int64_t first, int64_t last, int64_t all, int64_t channels,
                           bool rotated, c10::BFloat16* points);

}  // namespace patronus
