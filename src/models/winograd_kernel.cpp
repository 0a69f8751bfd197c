#include "models/winograd_kernel.h"

#include "models/winograd_lanes.h"

namespace patronus {
namespace {

// One dimension of each transform; values and points are `stride` apart, or have a stride each. Interpolation
// points: 0, 1, -1, 2, -2, infinity. A polynomial's values at 1 and -1, and at 2 and -2, are the sum and the
// difference of its even and odd parts.

struct Parts {
  Lanes even_1, odd_1, even_2, odd_2;
};

PATRONUS_INLINE void store_sums(const Parts& parts, Lanes* points, int64_t stride) {
  points[stride] = parts.even_1 + parts.odd_1;
  points[2 * stride] = parts.even_1 - parts.odd_1;
  points[3 * stride] = parts.even_2 + parts.odd_2;
  points[4 * stride] = parts.even_2 - parts.odd_2;
}

/// Sums and differences of the points at 1 and -1, and at 2 and -2: the transpose of store_sums.
PATRONUS_INLINE Parts sums_of(const Lanes* points, int64_t stride) {
  const Lanes a = points[stride], b = points[2 * stride], c = points[3 * stride], d = points[4 * stride];
  return {a + b, a - b, c + d, c - d};
}

/// B^T of 6 values, in place.
PATRONUS_INLINE void input_points(Lanes* d, int64_t stride) {
  const Lanes d1 = d[stride], d2 = d[2 * stride], d3 = d[3 * stride], d4 = d[4 * stride];
  d[0] = 4.f * d[0] - 5.f * d2 + d4;
  d[5 * stride] = 4.f * d1 - 5.f * d3 + d[5 * stride];
  store_sums({d4 - 4.f * d2, d3 - 4.f * d1, d4 - d2, 2.f * (d3 - d1)}, d, stride);
}

/// A^T of 6 points: 4 values.
PATRONUS_INLINE void output_values(const Lanes* m, int64_t stride, Lanes* y, int64_t y_stride) {
  const Parts p = sums_of(m, stride);
  y[0] = m[0] + p.even_1 + p.even_2;
  y[y_stride] = p.odd_1 + 2.f * p.odd_2;
  y[2 * y_stride] = p.even_1 + 4.f * p.even_2;
  y[3 * y_stride] = p.odd_1 + 8.f * p.odd_2 + m[5 * stride];
}

/// A of 4 values: 6 points.
PATRONUS_INLINE void output_gradient_points(const Lanes* y, int64_t stride, Lanes* m, int64_t m_stride) {
  const Lanes y0 = y[0], y1 = y[stride], y2 = y[2 * stride], y3 = y[3 * stride];
  m[0] = y0;
  m[5 * m_stride] = y3;
  store_sums({y0 + y2, y1 + y3, y0 + 4.f * y2, 2.f * y1 + 8.f * y3}, m, m_stride);
}

/// G of 3 values: 6 points.
PATRONUS_INLINE void filter_points(const Lanes* g, int64_t stride, Lanes* u, int64_t u_stride) {
  const Lanes g0 = g[0], g1 = g[stride], g2 = g[2 * stride];
  u[0] = g0 * (1.f / 4);
  u[5 * u_stride] = g2;
  store_sums({(g0 + g2) * (-1.f / 6), g1 * (-1.f / 6), g0 * (1.f / 24) + g2 * (1.f / 6), g1 * (1.f / 12)}, u,
             u_stride);
}

/// G^T of 6 points: 3 values.
PATRONUS_INLINE void filter_gradient_values(const Lanes* u, int64_t stride, Lanes* g, int64_t g_stride) {
  const Parts p = sums_of(u, stride);
  g[0] = u[0] * (1.f / 4) - p.even_1 * (1.f / 6) + p.even_2 * (1.f / 24);
  g[g_stride] = p.odd_2 * (1.f / 12) - p.odd_1 * (1.f / 6);
  g[2 * g_stride] = (p.even_2 - p.even_1) * (1.f / 6) + u[5 * stride];
}

struct Inputs {
  static constexpr int kSide = 6, kBefore = 1, kPoints = kWinogradPoints;
  PATRONUS_INLINE static void apply(Lanes* d) {
    for (int64_t x = 0; x < 6; ++x) input_points(d + x, 6);
    for (int64_t y = 0; y < 6; ++y) input_points(d + 6 * y, 1);
  }
};

struct Outputs {
  static constexpr int kSide = kWinogradTile, kPoints = kWinogradPoints;
  PATRONUS_INLINE static void apply(const Lanes* m, Lanes* y) {
    Lanes half[24];
    for (int64_t x = 0; x < 6; ++x) output_values(m + x, 6, half + x, 6);
    for (int64_t r = 0; r < 4; ++r) output_values(half + 6 * r, 1, y + 4 * r, 1);
  }
};

struct OutputGradients {
  static constexpr int kSide = kWinogradTile, kBefore = 0, kPoints = kWinogradPoints;
  PATRONUS_INLINE static void apply(Lanes* values) {
    Lanes half[24];
    for (int64_t x = 0; x < 4; ++x) output_gradient_points(values + x, 4, half + x, 4);
    for (int64_t r = 0; r < 6; ++r) output_gradient_points(half + 4 * r, 1, values + 6 * r, 1);
  }
};

/// Exchanges lanes of rows whose indices differ in bit `step`; all four steps transpose 16 x 16.
template <int step>
PATRONUS_INLINE void exchange(Lanes* rows) {
  Words low, high;
  for (uint32_t l = 0; l < kWinogradLanes; ++l) {
    low[l] = (l & step) != 0 ? l - step + kWinogradLanes : l;
    high[l] = (l & step) != 0 ? l + kWinogradLanes : l + step;
  }
  for (int64_t r = 0; r < kWinogradLanes; ++r) {
    if ((r & step) != 0) continue;
    const Lanes a = rows[r], b = rows[r + step];
    rows[r] = __builtin_shuffle(a, b, low);
    rows[r + step] = __builtin_shuffle(a, b, high);
  }
}

}  // namespace

PATRONUS_FOR_EACH_CPU void transform_inputs(const TiledImages& images, const void* pixels, TileRange tiles,
                                            float* points) {
  images.type == c10::kBFloat16
      ? transform_patches<Inputs>(images, static_cast<const c10::BFloat16*>(pixels), tiles, points)
      : transform_patches<Inputs>(images, static_cast<const float*>(pixels), tiles, points);
}

PATRONUS_FOR_EACH_CPU void transform_outputs(const TiledImages& images, const float* points,
                                             const float* bias, TileRange tiles, void* pixels) {
  images.type == c10::kBFloat16
      ? transform_to_tiles<Outputs>(images, points, bias, tiles, static_cast<c10::BFloat16*>(pixels))
      : transform_to_tiles<Outputs>(images, points, bias, tiles, static_cast<float*>(pixels));
}

PATRONUS_FOR_EACH_CPU void transform_output_gradients(const TiledImages& images, const void* pixels,
                                                      TileRange tiles, float* points) {
  images.type == c10::kBFloat16
      ? transform_patches<OutputGradients>(images, static_cast<const c10::BFloat16*>(pixels), tiles, points)
      : transform_patches<OutputGradients>(images, static_cast<const float*>(pixels), tiles, points);
}

PATRONUS_FOR_EACH_CPU void transform_filters(const float* filters, int64_t first, int64_t last, int64_t all,
                                             int64_t channels, bool rotated, float* points) {
  for (int64_t f = first; f < last; ++f) {
    for (int64_t c = 0; c < channels; c += kWinogradLanes) {
      Lanes g[9], half[18], u[kWinogradPoints];
      for (int64_t i = 0; i < 9; ++i) load(g[rotated ? 8 - i : i], filters + (f * 9 + i) * channels + c);
      for (int64_t x = 0; x < 3; ++x) filter_points(g + x, 3, half + x, 3);
      for (int64_t y = 0; y < 6; ++y) filter_points(half + 3 * y, 1, u + 6 * y, 1);
      store_points<kWinogradPoints>(u, points + f * channels + c, point_stride(all, channels));
    }
  }
}

PATRONUS_FOR_EACH_CPU void transform_filter_gradients(const float* points, int64_t count, int64_t channels,
                                                      float* filters) {
  for (int64_t f = 0; f < count; ++f) {
    for (int64_t c = 0; c < channels; c += kWinogradLanes) {
      Lanes u[kWinogradPoints], half[18], g[9];
      load_points<kWinogradPoints>(u, points + f * channels + c, point_stride(count, channels));
      for (int64_t x = 0; x < 6; ++x) filter_gradient_values(u + x, 6, half + x, 6);
      for (int64_t y = 0; y < 3; ++y) filter_gradient_values(half + 6 * y, 1, g + 3 * y, 1);
      for (int64_t i = 0; i < 9; ++i) store(filters + (f * 9 + i) * channels + c, g[i]);
    }
  }
}

PATRONUS_FOR_EACH_CPU void transpose_points(const float* from, int64_t rows, int64_t columns, float* to) {
  const int64_t stride = point_stride(rows, columns);
  for (int64_t p = 0; p < kWinogradPoints; ++p, from += stride, to += stride) {
    for (int64_t r = 0; r < rows; r += kWinogradLanes) {
      for (int64_t c = 0; c < columns; c += kWinogradLanes) {
        Lanes block[kWinogradLanes];
        for (int64_t i = 0; i < kWinogradLanes; ++i) load(block[i], from + (r + i) * columns + c);
        exchange<1>(block);
        exchange<2>(block);
        exchange<4>(block);
        exchange<8>(block);
        for (int64_t i = 0; i < kWinogradLanes; ++i) store(to + (c + i) * rows + r, block[i]);
      }
    }
  }
}

}  // namespace patronus
