// Inner loops of group normalisation on the CPU.
#include "models/group_norm_kernel.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <vector>

#include "models/scratch.h"
#include "models/vector_code.h"

#define PATRONUS_FOR_CHANNELS _Pragma("omp simd") for (int64_t l = 0; l < width; ++l)

namespace patronus {
namespace {

// Loops run pixel by pixel over a block of neighbouring channels, which the compiler vectorises; per-channel
// coefficients lie in arrays that stay in the L1 cache.

PATRONUS_INLINE float load(float value) {
  return value;
}
PATRONUS_INLINE float load(uint16_t bf16) {
  return std::bit_cast<float>(static_cast<uint32_t>(bf16) << 16);
}
PATRONUS_INLINE void store(float* to, float value) {
  *to = value;
}
/// Rounds to the nearest bfloat16, ties to even; NaN stays NaN.
PATRONUS_INLINE void store(uint16_t* to, float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const uint32_t rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
  *to = static_cast<uint16_t>(value == value ? rounded : 0x7FC0);
}

/// e^x to within 2 units in the last place. Saturates at e^-80 and e^80, so that no slow subnormal numbers
/// arise.
PATRONUS_INLINE float exponential(float x) {
  x = x < -80.f ? -80.f : x;
  x = x > 80.f ? 80.f : x;
  constexpr float kToInteger = 0x1.8p23f;  // adding and subtracting it rounds
  const float n = (x * 1.44269504f + kToInteger) - kToInteger;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;  // x - n ln 2
  float power = 1.f / 720;
  power = power * r + 1.f / 120;
  power = power * r + 1.f / 24;
  power = power * r + 1.f / 6;
  power = power * r + 0.5f;
  power = power * r + 1;
  power = power * r + 1;
  return power * std::bit_cast<float>((static_cast<int32_t>(n) + 127) << 23);
}

PATRONUS_INLINE float at_or(const float* values, int64_t c, float otherwise) {
  return values != nullptr ? values[c] : otherwise;
}

constexpr int64_t kChunk = 512;  // pixels summed in float before the sum is added in double
constexpr int64_t kBlock = 128;  // channels per block

/// Rows of one value per channel of a block, initially 0.
template <int rows>
class Rows {
 public:
  explicit Rows(int64_t width) : width_(width), values_(static_cast<size_t>(rows * width)) {}
  float* operator[](int row) { return values_.data() + row * width_; }

 private:
  int64_t width_;
  std::vector<float> values_;
};

/// Sums of x - origin and of its square over the pixels, for `width` channels; the origin is the first pixel.
template <class T>
PATRONUS_INLINE void sum_channels(const T* x, int64_t pixels, int64_t stride, int64_t width, double* sum,
                                  double* squares) {
  Rows<3> rows(width);
  float *s = rows[0], *q = rows[1], *origin = rows[2];
  for (int64_t l = 0; l < width; ++l) origin[l] = load(x[l]);
  for (int64_t start = 0; start < pixels; start += kChunk) {
    const int64_t end = std::min(pixels, start + kChunk);
    for (int64_t l = 0; l < width; ++l) s[l] = q[l] = 0;
    for (int64_t p = start; p < end; ++p) {
      PATRONUS_FOR_CHANNELS {
        const float d = load(x[p * stride + l]) - origin[l];
        s[l] += d;
        q[l] += d * d;
      }
    }
    for (int64_t l = 0; l < width; ++l) sum[l] += s[l], squares[l] += q[l];
  }
}

/// Mean and 1 / deviation of every group within channels begin ... end - 1. Offsets from each channel's first
/// pixel avoid cancellation.
template <class T>
PATRONUS_INLINE void group_statistics(const NormTask& t, const T* x, int64_t begin, int64_t end) {
  const auto n = static_cast<double>(t.pixels);
  std::vector<double> mean(static_cast<size_t>(end - begin)), squares(mean.size());
  for (int64_t c = begin; c < end; c += kBlock) {
    sum_channels(x + c, t.pixels, t.channels, std::min(kBlock, end - c), mean.data() + (c - begin),
                 squares.data() + (c - begin));
  }
  for (int64_t c = begin; c < end; ++c) {
    double& m = mean[c - begin];
    squares[c - begin] -= m * m / n;
    m = m / n + load(x[c]) + at_or(t.before, c, 0);
  }
  for (int64_t c = begin; c < end; c += t.group_size) {
    const double* m = mean.data() + (c - begin);
    const double group_mean = std::accumulate(m, m + t.group_size, 0.0) / static_cast<double>(t.group_size);
    double variance = 0;
    for (int64_t i = 0; i < t.group_size; ++i) {
      variance += squares[c - begin + i] + n * (m[i] - group_mean) * (m[i] - group_mean);
    }
    variance /= n * static_cast<double>(t.group_size);
    t.mean[c / t.group_size] = static_cast<float>(group_mean);
    t.rstd[c / t.group_size] = static_cast<float>(1 / std::sqrt(variance + t.eps));
  }
}

/// Per channel begin ... begin + width - 1: z = a x + b, n = rstd x + offset.
struct Coefficients {
  Rows<5> rows;
  float *a = rows[0], *b = rows[1], *rstd = rows[2], *offset = rows[3], *mask = rows[4];

  PATRONUS_INLINE Coefficients(const NormTask& t, int64_t begin, int64_t width) : rows(width) {
    for (int64_t l = 0; l < width; ++l) {
      const int64_t c = begin + l, group = c / t.group_size;
      const float gain = 1 + at_or(t.scale, c, 0);
      rstd[l] = t.rstd[group];
      offset[l] = (at_or(t.before, c, 0) - t.mean[group]) * t.rstd[group];
      a[l] = rstd[l] * t.weight[c] * gain;
      b[l] = (offset[l] * t.weight[c] + t.bias[c]) * gain + at_or(t.shift, c, 0);
      mask[l] = at_or(t.mask, c, 1);
    }
  }
  Coefficients(const Coefficients&) = delete;
};

template <bool silu, class T>
PATRONUS_INLINE void write_block(const NormTask& t, const T* x, T* y, int64_t begin, int64_t width) {
  const Coefficients k(t, begin, width);
  const float *a = k.a, *b = k.b, *mask = k.mask;
  for (int64_t i = begin; i < t.pixels * t.channels; i += t.channels) {
    PATRONUS_FOR_CHANNELS {
      const float z = a[l] * load(x[i + l]) + b[l];
      store(y + i + l, mask[l] * (silu ? z / (1 + exponential(-z)) : z));
    }
  }
}

template <class T>
PATRONUS_INLINE void normalize(const NormTask& t, const void* from, void* to, int64_t begin, int64_t end) {
  const auto* x = static_cast<const T*>(from);
  auto* y = static_cast<T*>(to);
  group_statistics(t, x, begin, end);
  for (int64_t c = begin; c < end; c += kBlock) {
    const int64_t width = std::min(kBlock, end - c);
    t.silu ? write_block<true>(t, x, y, c, width) : write_block<false>(t, x, y, c, width);
  }
}

/// Computes dL/dz of all pixels into `dz` [pixels, width], and the sums of dz and of dz n.
template <bool silu, class T>
PATRONUS_INLINE void differentiate_activation(const NormTask& t, const NormSums& sums, const T* x,
                                              const T* dy, float* dz, int64_t begin, int64_t width) {
  const Coefficients k(t, begin, width);
  const float *a = k.a, *b = k.b, *mask = k.mask, *rstd = k.rstd, *offset = k.offset;
  Rows<2> rows(width);
  float *sum = rows[0], *normal = rows[1];
  for (int64_t i = begin; i < t.pixels * t.channels; i += t.channels, dz += width) {
    PATRONUS_FOR_CHANNELS {
      const float value = load(x[i + l]);
      float d = mask[l] * load(dy[i + l]);
      if constexpr (silu) {
        const float z = a[l] * value + b[l], sigmoid = 1 / (1 + exponential(-z));
        d *= sigmoid * (1 + z * (1 - sigmoid));
      }
      dz[l] = d;
      sum[l] += d;
      normal[l] += d * (rstd[l] * value + offset[l]);
    }
  }
  std::copy_n(sum, width, sums.dz + begin);
  std::copy_n(normal, width, sums.dz_normal + begin);
}

/// dx = rstd (g dz - mean(g dz) - n mean(g dz n)), means over the group, g = weight (1 + scale).
template <class T>
PATRONUS_INLINE void differentiate_norm(const NormTask& t, const NormSums& sums, const T* x, const float* dz,
                                        T* dx, int64_t begin, int64_t width) {
  const Coefficients k(t, begin, width);
  Rows<3> rows(width);
  float *slope = rows[0], *constant = rows[1], *sum = rows[2];
  const float* a = k.a;
  for (int64_t first = 0; first < width; first += t.group_size) {
    double mean = 0, normal = 0;
    for (int64_t c = begin + first; c < begin + first + t.group_size; ++c) {
      const double gain = t.weight[c] * (1 + at_or(t.scale, c, 0));
      mean += gain * sums.dz[c];
      normal += gain * sums.dz_normal[c];
    }
    const double count = static_cast<double>(t.pixels * t.group_size);
    for (int64_t l = first; l < first + t.group_size; ++l) {
      slope[l] = -k.rstd[l] * k.rstd[l] * static_cast<float>(normal / count);
      constant[l] = -k.rstd[l] * static_cast<float>(mean / count + k.offset[l] * normal / count);
    }
  }
  for (int64_t i = begin; i < t.pixels * t.channels; i += t.channels, dz += width) {
    PATRONUS_FOR_CHANNELS {
      const float d = a[l] * dz[l] + slope[l] * load(x[i + l]) + constant[l];
      store(dx + i + l, d);
      sum[l] += d;
    }
  }
  std::copy_n(sum, width, sums.dx + begin);
}

template <class T>
PATRONUS_INLINE void differentiate(const NormTask& t, const NormSums& sums, const void* from,
                                   const void* gradient, void* to, int64_t begin, int64_t end) {
  const auto* x = static_cast<const T*>(from);
  const auto* dy = static_cast<const T*>(gradient);
  // Whole groups, as a group's dx needs the sums of all of its channels.
  const int64_t block = std::max<int64_t>(1, kBlock / t.group_size) * t.group_size;
  thread_local Scratch<float> scratch;
  float* dz = scratch.of(std::min(block, end - begin) * t.pixels);
  for (int64_t c = begin; c < end; c += block) {
    const int64_t width = std::min(block, end - c);
    t.silu ? differentiate_activation<true>(t, sums, x, dy, dz, c, width)
           : differentiate_activation<false>(t, sums, x, dy, dz, c, width);
    differentiate_norm(t, sums, x, dz, static_cast<T*>(to), c, width);
  }
}

}  // namespace

int64_t independent_channels(int64_t group_size) {
  constexpr int64_t kMin = 32;
  return (kMin + group_size - 1) / group_size * group_size;
}

PATRONUS_FOR_EACH_CPU void normalize_channels(const NormTask& task, at::ScalarType type, const void* x,
                                              void* y, int64_t begin, int64_t end) {
  type == at::kBFloat16 ? normalize<uint16_t>(task, x, y, begin, end)
                        : normalize<float>(task, x, y, begin, end);
}

PATRONUS_FOR_EACH_CPU void differentiate_channels(const NormTask& task, const NormSums& sums,
                                                  at::ScalarType type, const void* x, const void* dy,
                                                  void* dx, int64_t begin, int64_t end) {
  type == at::kBFloat16 ? differentiate<uint16_t>(task, sums, x, dy, dx, begin, end)
                        : differentiate<float>(task, sums, x, dy, dx, begin, end);
}

}  // namespace patronus
