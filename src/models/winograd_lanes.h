#pragma once
#include <c10/util/BFloat16.h>

#include <cstdint>
#include <cstring>

#include "models/vector_code.h"
#include "models/winograd_tiles.h"

namespace patronus {

// How the transforms of winograd_kernel.h and winograd_bf16_kernel.h read and write images.

/// The same number of neighbouring channels; the compiler makes registers of it, as wide as the processor has
/// them.
using Lanes [[gnu::vector_size(kWinogradLanes * sizeof(float))]] = float;
using Words [[gnu::vector_size(kWinogradLanes * sizeof(uint32_t))]] = uint32_t;
using Halves [[gnu::vector_size(kWinogradLanes * sizeof(uint16_t))]] = uint16_t;

PATRONUS_INLINE void load(Lanes& lanes, const float* from) {
  std::memcpy(&lanes, from, sizeof lanes);
}
PATRONUS_INLINE void load(Lanes& lanes, const c10::BFloat16* bf16) {
  Halves halves;
  std::memcpy(&halves, bf16, sizeof halves);
  const Words words = __builtin_convertvector(halves, Words) << 16;
  std::memcpy(&lanes, &words, sizeof lanes);
}
/// The nearest bfloat16, ties to even, in the lower half of each word; NaN stays NaN.
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
  const Halves halves = __builtin_convertvector(words, Halves);
  std::memcpy(to, &halves, sizeof halves);
}

/// Where a tile's outputs begin: an image, null for a tile beyond the last, and a row and column of it.
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

/// `side` x `side` pixels, of which the first is at `row`, `column`; zeros outside of the image.
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

/// The outputs of a tile, `side` x `side`, but for those beyond the image.
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

}  // namespace patronus
