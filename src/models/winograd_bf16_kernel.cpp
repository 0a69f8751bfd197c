#include "models/winograd_bf16_kernel.h"

#include "models/winograd_lanes.h"

namespace patronus {
namespace {

// One dimension of each transform; values are `stride` apart. Interpolation points: 0, 1, -1, infinity.

/// B^T of 4 values, in place.
PATRONUS_INLINE void input_points(Lanes* d, int64_t stride) {
  const Lanes d1 = d[stride], d2 = d[2 * stride];
  d[0] -= d2;
  d[stride] = d1 + d2;
  d[2 * stride] = d2 - d1;
  d[3 * stride] -= d1;
}

/// A^T of 4 points: 2 values.
PATRONUS_INLINE void output_values(const Lanes* m, int64_t stride, Lanes* y, int64_t y_stride) {
  const Lanes sum = m[stride] + m[2 * stride], difference = m[stride] - m[2 * stride];
  y[0] = m[0] + sum;
  y[y_stride] = difference + m[3 * stride];
}

/// G of 3 values: 4 points.
PATRONUS_INLINE void filter_points(const Lanes* g, int64_t stride, Lanes* u, int64_t u_stride) {
  const Lanes even = (g[0] + g[2 * stride]) * 0.5f, odd = g[stride] * 0.5f;
  u[0] = g[0];
  u[u_stride] = even + odd;
  u[2 * u_stride] = even - odd;
  u[3 * u_stride] = g[2 * stride];
}

struct Inputs {
  static constexpr int kSide = 4, kBefore = 1, kPoints = kWinograd2x2Points;
  PATRONUS_INLINE static void apply(Lanes* d) {
    for (int64_t x = 0; x < 4; ++x) input_points(d + x, 4);
    for (int64_t y = 0; y < 4; ++y) input_points(d + 4 * y, 1);
  }
};

struct Outputs {
  static constexpr int kSide = kWinograd2x2Tile, kPoints = kWinograd2x2Points;
  PATRONUS_INLINE static void apply(const Lanes* m, Lanes* y) {
    Lanes half[8];
    for (int64_t x = 0; x < 4; ++x) output_values(m + x, 4, half + x, 4);
    for (int64_t r = 0; r < 2; ++r) output_values(half + 4 * r, 1, y + 2 * r, 1);
  }
};

PATRONUS_INLINE void filter(const float* values, int64_t channels, bool rotated, Lanes* u) {
  Lanes g[9], half[12];
  for (int64_t i = 0; i < 9; ++i) load(g[rotated ? 8 - i : i], values + i * channels);
  for (int64_t x = 0; x < 3; ++x) filter_points(g + x, 3, half + x, 3);
  for (int64_t y = 0; y < 4; ++y) filter_points(half + 3 * y, 1, u + 4 * y, 1);
}

}  // namespace

PATRONUS_FOR_EACH_CPU void transform_inputs_2x2(const TiledImages& images, const c10::BFloat16* pixels,
                                                TileRange tiles, c10::BFloat16* points) {
  transform_patches<Inputs>(images, pixels, tiles, points);
}

PATRONUS_FOR_EACH_CPU void transform_outputs_2x2(const TiledImages& images, const float* points,
                                                 const float* bias, TileRange tiles, c10::BFloat16* pixels) {
  transform_to_tiles<Outputs>(images, points, bias, tiles, pixels);
}

PATRONUS_FOR_EACH_CPU void transform_filters_2x2(const float* filters, int64_t first, int64_t last,
                                                 int64_t all, int64_t channels, bool rotated,
                                                 c10::BFloat16* points) {
  for (int64_t f = first; f < last; f += 2) {
    for (int64_t c = 0; c < channels; c += kWinogradLanes) {
      Lanes even[kWinograd2x2Points], odd[kWinograd2x2Points];
      filter(filters + f * 9 * channels + c, channels, rotated, even);
      filter(filters + (f + 1) * 9 * channels + c, channels, rotated, odd);
      for (int64_t p = 0; p < kWinograd2x2Points; ++p) {
        Words low, high;
        round_to_bf16(even[p], low);
        round_to_bf16(odd[p], high);
        const Words pairs = low | high << 16;
        std::memcpy(points + p * point_stride(all, channels) + f * channels + 2 * c, &pairs, sizeof pairs);
      }
    }
  }
}

}  // namespace patronus
