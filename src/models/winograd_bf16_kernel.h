#pragma once
#include <c10/util/BFloat16.h>

#include "models/winograd_tiles.h"

namespace patronus {

// The transforms of Winograd's F(2 x 2, 3 x 3) for products in bfloat16: a convolution of 3 x 3 gives 2 x 2
// outputs of a tile from 4 x 4 inputs by one product at each of 16 points, where it takes 36 directly. They
// only add, subtract and halve, so that rounding at the points costs little; that of F(4 x 4, 3 x 3) would
// cost six times as much.

constexpr int64_t kWinograd2x2Tile = 2;
constexpr int64_t kWinograd2x2Points = 16;

/// B^T d B of the 4 x 4 pixels d that a tile's outputs are made of, into `points`, [16, count, C] bfloat16.
void transform_inputs_2x2(const TiledImages& images, const c10::BFloat16* pixels, TileRange tiles,
                          c10::BFloat16* points);

/// A^T m A of `points`, [16, count, C], plus `bias`, [C] or null: the pixels of the tiles.
void transform_outputs_2x2(const TiledImages& images, const float* points, const float* bias, TileRange tiles,
                           c10::BFloat16* pixels);

/// G g G^T of filters `first` ... `last` - 1, both even, of [filters, 3, 3, channels], into `points`, [16,
/// filters / 2, channels, 2] bfloat16: as the right operand of products of bfloat16 lies in memory. `turned`:
/// as for `transform_filters`.
void transform_filters_2x2(const float* filters, int64_t first, int64_t last, int64_t all, int64_t channels,
                           bool turned, c10::BFloat16* points);

}  // namespace patronus
