#pragma once
#include <c10/util/BFloat16.h>

#include <cstdint>
#include <cstring>

#include "models/vector_code.h"
#include "models/winograd_tiles.h"

namespace patronus {

// Loading and storing of images for the transforms of winograd_kernel.h and winograd_bf16_kernel.h.

/// A vector of neighbouring channels, which the compiler maps to registers of the width available.
using Lanes [[gnu::vector_size(kWinogradLanes * sizeof(float))]] = float;
using Words [[gnu::vector_size(kWinogradLanes * sizeof(uint32_t))]] = uint32_t;
using HalfWords [[gnu::vector_size(kWinogradLanes * sizeof(uint16_t))]] = uint16_t;

PATRONUS_INLINE void load(Lanes& lanes, const float* from) {
  std::memcpy(&lanes, from, sizeof lanes);
}
PATRONUS_INLINE void load(Lanes& lanes, const c10::BFloat16* bf16) {
  HalfWords halves;
  std::memcpy(&halves, bf16, sizeof halves);
  const Words words = __builtin_convertvector(halves, Words) << 16;
  std::memcpy(&lanes, &words, sizeof lanes);
}
/// Rounds to the nearest bfloat16, ties to even, in the lower half of each word; NaN stays NaN.
PATRONUS_INLINE void round_to_bf16(const Lanes& lanes, Words& words) {
  std::memcpy(&words, &lanes, sizeof words);
  words = (words + 0x7FFF + ((words >> 16) & 1)) >> 16;
  words = lanes == lanes ? words : Words{} + 0x7FC0;
}
PATRONUS_INLINE void store(float* to, const Lanes& lanes) {
  std::memcpy(to, &lanes, sizeof lanes);
}
PATRONUS_INLINE void store(c10::BFloat16* to, const Lanes& lanes) {
  Words words;
  round_to_bf16(lanes, words);
  const HalfWords halves = __builtin_convertvector(words, HalfWords);
  std::memcpy(to, &halves, sizeof halves);
}

/// Where a tile's outputs begin: its image, null beyond the last tile, and the row and column.
template <class Pixel>
struct Place {
  Pixel* image;
  int64_t row, column;
};

template <class Pixel>
PATRONUS_INLINE Place<Pixel> place_of(const TiledImages& images, Pixel* pixels, int64_t tile) {
  const int64_t across = images.tiles_across(), per_image = images.tiles_down() * across;
  if (tile >= images.tiles()) return {nullptr, 0, 0};
  const int64_t in_image = tile % per_image;
  return {pixels + tile / per_image * images.height * images.width * images.channels,
          in_image / across * images.tile, in_image % across * images.tile};
}

/// Loads `side` x `side` pixels starting at `row`, `column`; zeros outside the image.
template <int side, class Pixel>
PATRONUS_INLINE void load_patch(const TiledImages& images, const Pixel* image, int64_t row, int64_t column,
                                int64_t channel, Lanes* patch) {
  for (int64_t y = 0; y < side; ++y) {
    for (int64_t x = 0; x < side; ++x) {
      const bool inside = image != nullptr && row + y >= 0 && row + y < images.height && column + x >= 0 &&
                          column + x < images.width;
      if (inside) {
        load(patch[y * side + x],
             image + ((row + y) * images.width + column + x) * images.channels + channel);
      } else {
        patch[y * side + x] = Lanes{};
      }
    }
  }
}

/// Stores a tile's `side` x `side` outputs, except those outside the image.
template <int side, class Pixel>
PATRONUS_INLINE void store_tile(const TiledImages& images, const Place<Pixel>& place, int64_t channel,
                                const Lanes* outputs, const Lanes& bias) {
  for (int64_t y = 0; y < side && place.row + y < images.height; ++y) {
    for (int64_t x = 0; x < side && place.column + x < images.width; ++x) {
      store(place.image + ((place.row + y) * images.width + place.column + x) * images.channels + channel,
            outputs[side * y + x] + bias);
    }
  }
}

/// Loads the values at `count` points, `stride` apart in memory.
template <int count>
PATRONUS_INLINE void load_points(Lanes* values, const float* points, int64_t stride) {
  for (int64_t p = 0; p < count; ++p) load(values[p], points + p * stride);
}
template <int count, class Point>
PATRONUS_INLINE void store_points(const Lanes* values, Point* points, int64_t stride) {
  for (int64_t p = 0; p < count; ++p) store(points + p * stride, values[p]);
}

/// Applies `Transform` to the patch of every tile, into `points` [points, count, C]. It has kSide, the
/// patch's side; kBefore, by how much the patch starts before the tile; kPoints; and `apply(Lanes*)`, from
/// kSide x kSide values to kPoints in place.
template <class Transform, class Pixel, class Point>
PATRONUS_INLINE void transform_patches(const TiledImages& images, const Pixel* pixels, TileRange tiles,
                                       Point* points) {
  const int64_t channels = images.channels, stride = point_stride(tiles.count, channels);
  for (int64_t i = 0; i < tiles.count; ++i) {
    const auto [image, row, column] = place_of(images, pixels, tiles.first + i);
    for (int64_t c = 0; c < channels; c += kWinogradLanes) {
      Lanes values[Transform::kPoints];
      load_patch<Transform::kSide>(images, image, row - Transform::kBefore, column - Transform::kBefore, c,
                                   values);
      Transform::apply(values);
      store_points<Transform::kPoints>(values, points + i * channels + c, stride);
    }
  }
}

/// Applies `Transform` to `points` [points, count, C], adds `bias` [C] (or null) and stores the tiles'
/// pixels. It has kSide, the tile's side; kPoints; and `apply(const Lanes*, Lanes*)`, from kPoints to kSide x
/// kSide values.
template <class Transform, class Pixel>
PATRONUS_INLINE void transform_to_tiles(const TiledImages& images, const float* points, const float* bias,
                                        TileRange tiles, Pixel* pixels) {
  const int64_t channels = images.channels, stride = point_stride(tiles.count, channels);
  for (int64_t i = 0; i < tiles.count; ++i) {
    const auto place = place_of(images, pixels, tiles.first + i);
    if (place.image == nullptr) return;
    for (int64_t c = 0; c < channels; c += kWinogradLanes) {
      Lanes m[Transform::kPoints], y[Transform::kSide * Transform::kSide], added{};
      load_points<Transform::kPoints>(m, points + i * channels + c, stride);
      Transform::apply(m, y);
      if (bias != nullptr) load(added, bias + c);
      store_tile<Transform::kSide>(images, place, c, y, added);
    }
  }
}

}  // namespace patronus
