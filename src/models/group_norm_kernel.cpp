// The inner loops of group normalisation, compiled for several instruction sets: the fastest that the
// processor has is chosen when the program starts.
#include "models/group_norm_kernel.h"

#include <array>
#include <bit>
#include <cmath>
#include <numeric>
#include <vector>

#define PATRONUS_INLINE [[gnu::always_inline]] inline
#define PATRONUS_FOR_LANES _Pragma("omp simd") for (int l = 0; l < L; ++l)

namespace patronus {
namespace {

// Vectors are loops over a fixed number L of neighbouring channels, which the compiler turns into registers.

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

/// e^x to 2 units in the last place, for any x: it saturates at e^-80 and e^80, far from the smallest
/// numbers, which are slow.
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

constexpr int64_t kChunk = 512;  // pixels summed in float before they are added up in double

/// Sums over the pixels of x - origin and of its square, for L channels.
template <int L, class T>
PATRONUS_INLINE void sum_channels(const T* x, int64_t pixels, int64_t stride, double* sum, double* squares) {
  for (int64_t start = 0; start < pixels; start += kChunk) {
    float s[L] = {}, q[L] = {};
    const int64_t end = std::min(pixels, start + kChunk);
    for (int64_t p = start; p < end; ++p) {
      PATRONUS_FOR_LANES {
        const float d = load(x[p * stride + l]) - load(x[l]);
        s[l] += d;
        q[l] += d * d;
      }
    }
    for (int l = 0; l < L; ++l) sum[l] += s[l], squares[l] += q[l];
  }
}

/// Mean and 1 / deviation of every group within channels begin ... end - 1. Around each channel's first
/// pixel, sums of squares do not cancel.
template <int L, class T>
PATRONUS_INLINE void group_statistics(const NormTask& t, const T* x, int64_t begin, int64_t end) {
  const auto n = static_cast<double>(t.pixels);
  std::vector<double> mean(static_cast<size_t>(end - begin)), squares(mean.size());
  for (int64_t c = begin; c < end; c += L) {
    sum_channels<L>(x + c, t.pixels, t.channels, mean.data() + (c - begin), squares.data() + (c - begin));
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

/// z = a x + b and n = rstd x + offset, for L channels.
template <int L>
struct Coefficients {
  float a[L], b[L], rstd[L], offset[L], mask[L];
};

template <int L>
PATRONUS_INLINE Coefficients<L> coefficients(const NormTask& t, int64_t begin) {
  Coefficients<L> k;
  for (int l = 0; l < L; ++l) {
    const int64_t c = begin + l, group = c / t.group_size;
    const float gain = 1 + at_or(t.scale, c, 0);
    k.rstd[l] = t.rstd[group];
    k.offset[l] = (at_or(t.before, c, 0) - t.mean[group]) * t.rstd[group];
    k.a[l] = k.rstd[l] * t.weight[c] * gain;
    k.b[l] = (k.offset[l] * t.weight[c] + t.bias[c]) * gain + at_or(t.shift, c, 0);
    k.mask[l] = at_or(t.mask, c, 1);
  }
  return k;
}

template <int L, bool silu, class T>
PATRONUS_INLINE void write_lanes(const NormTask& t, const T* x, T* y, int64_t c) {
  const auto k = coefficients<L>(t, c);
  for (int64_t i = c; i < t.pixels * t.channels; i += t.channels) {
    PATRONUS_FOR_LANES {
      const float z = k.a[l] * load(x[i + l]) + k.b[l];
      store(y + i + l, k.mask[l] * (silu ? z / (1 + exponential(-z)) : z));
    }
  }
}

template <int L, class T>
PATRONUS_INLINE void normalize(const NormTask& t, const T* x, T* y, int64_t begin, int64_t end) {
  group_statistics<L>(t, x, begin, end);
  for (int64_t c = begin; c < end; c += L) {
    t.silu ? write_lanes<L, true>(t, x, y, c) : write_lanes<L, false>(t, x, y, c);
  }
}

/// dL/dz of all pixels into `dz` [pixels, L], and the sums of it and of dz n.
template <int L, bool silu, class T>
PATRONUS_INLINE void differentiate_activation(const NormTask& t, const NormSums& sums, const T* x,
                                              const T* dy, float* dz, int64_t c) {
  const auto k = coefficients<L>(t, c);
  float sum[L] = {}, normal[L] = {};
  for (int64_t i = c; i < t.pixels * t.channels; i += t.channels, dz += L) {
    PATRONUS_FOR_LANES {
      const float value = load(x[i + l]);
      float d = k.mask[l] * load(dy[i + l]);
      if constexpr (silu) {
        const float z = k.a[l] * value + k.b[l], sigmoid = 1 / (1 + exponential(-z));
        d *= sigmoid * (1 + z * (1 - sigmoid));
      }
      dz[l] = d;
      sum[l] += d;
      normal[l] += d * (k.rstd[l] * value + k.offset[l]);
    }
  }
  for (int l = 0; l < L; ++l) sums.dz[c + l] = sum[l], sums.dz_normal[c + l] = normal[l];
}

/// dx = rstd (g dz - mean(g dz) - n mean(g dz n)), means over the group, g = weight (1 + scale).
template <int L, class T>
PATRONUS_INLINE void differentiate_norm(const NormTask& t, const NormSums& sums, const T* x, const float* dz,
                                        T* dx, int64_t begin) {
  const auto k = coefficients<L>(t, begin);
  float slope[L], constant[L], sum[L] = {};
  for (int l = 0; l < L; ++l) {
    const int64_t c = begin + l, first = c / t.group_size * t.group_size;
    double mean = 0, normal = 0;
    for (int64_t j = first; j < first + t.group_size; ++j) {
      const double gain = t.weight[j] * (1 + at_or(t.scale, j, 0));
      mean += gain * sums.dz[j];
      normal += gain * sums.dz_normal[j];
    }
    const double count = static_cast<double>(t.pixels * t.group_size);
    slope[l] = -k.rstd[l] * k.rstd[l] * static_cast<float>(normal / count);
    constant[l] = -k.rstd[l] * static_cast<float>(mean / count + k.offset[l] * normal / count);
  }
  for (int64_t i = begin; i < t.pixels * t.channels; i += t.channels, dz += L) {
    PATRONUS_FOR_LANES {
      const float d = k.a[l] * dz[l] + slope[l] * load(x[i + l]) + constant[l];
      store(dx + i + l, d);
      sum[l] += d;
    }
  }
  for (int l = 0; l < L; ++l) sums.dx[begin + l] = sum[l];
}

template <int L, class T>
PATRONUS_INLINE void differentiate(const NormTask& t, const NormSums& sums, const T* x, const T* dy, T* dx,
                                   int64_t begin, int64_t end) {
  // Channels that belong together: all sums of a group are known before any of its dx.
  const int64_t together = independent_channels(t.channels, t.group_size);
  std::vector<float> dz(static_cast<size_t>(together * t.pixels));
  for (int64_t first = begin; first < end; first += together) {
    for (int64_t c = first; c < first + together; c += L) {
      float* part = dz.data() + (c - first) * t.pixels;
      t.silu ? differentiate_activation<L, true>(t, sums, x, dy, part, c)
             : differentiate_activation<L, false>(t, sums, x, dy, part, c);
    }
    for (int64_t c = first; c < first + together; c += L) {
      differentiate_norm<L>(t, sums, x, dz.data() + (c - first) * t.pixels, dx, c);
    }
  }
}

int64_t lanes(int64_t channels) {
  return channels % 16 == 0 ? 16 : 8;
}

template <class T>
PATRONUS_INLINE void normalize_in_lanes(const NormTask& t, const void* x, void* y, int64_t begin,
                                        int64_t end) {
  const auto* from = static_cast<const T*>(x);
  auto* to = static_cast<T*>(y);
  lanes(t.channels) == 16 ? normalize<16>(t, from, to, begin, end) : normalize<8>(t, from, to, begin, end);
}

template <class T>
PATRONUS_INLINE void differentiate_in_lanes(const NormTask& t, const NormSums& sums, const void* x,
                                            const void* dy, void* dx, int64_t begin, int64_t end) {
  const auto* from = static_cast<const T*>(x);
  const auto* gradient = static_cast<const T*>(dy);
  auto* to = static_cast<T*>(dx);
  lanes(t.channels) == 16 ? differentiate<16>(t, sums, from, gradient, to, begin, end)
                          : differentiate<8>(t, sums, from, gradient, to, begin, end);
}

using Normalize = void (*)(const NormTask&, const void*, void*, int64_t, int64_t);
using Differentiate = void (*)(const NormTask&, const NormSums&, const void*, const void*, void*, int64_t,
                               int64_t);

/// The loops compiled for one instruction set: [0] for float32, [1] for bfloat16.
struct Kernels {
  Normalize normalize[2];
  Differentiate differentiate[2];
};

#define PATRONUS_KERNELS(name, ...)                                                                          \
  template <class T>                                                                                         \
  __VA_ARGS__ void normalize_##name(const NormTask& t, const void* x, void* y, int64_t begin, int64_t end) { \
    normalize_in_lanes<T>(t, x, y, begin, end);                                                              \
  }                                                                                                          \
  template <class T>                                                                                         \
  __VA_ARGS__ void differentiate_##name(const NormTask& t, const NormSums& sums, const void* x,              \
                                        const void* dy, void* dx, int64_t begin, int64_t end) {              \
    differentiate_in_lanes<T>(t, sums, x, dy, dx, begin, end);                                               \
  }                                                                                                          \
  constexpr Kernels k_##name{{normalize_##name<float>, normalize_##name<uint16_t>},                          \
                             {differentiate_##name<float>, differentiate_##name<uint16_t>}};

PATRONUS_KERNELS(portable)
#ifdef __x86_64__
PATRONUS_KERNELS(avx2, [[gnu::target("avx2,fma")]])
PATRONUS_KERNELS(avx512, [[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,fma")]])
#endif

const Kernels& kernels() {
#ifdef __x86_64__
  static const Kernels chosen =
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") ? k_avx512
      : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")        ? k_avx2
                                                                               : k_portable;
  return chosen;
#else
  return k_portable;
#endif
}

}  // namespace

int64_t independent_channels(int64_t channels, int64_t group_size) {
  return std::lcm(lanes(channels), group_size);
}

void normalize_channels(const NormTask& task, at::ScalarType type, const void* x, void* y, int64_t begin,
                        int64_t end) {
  kernels().normalize[type == at::kBFloat16](task, x, y, begin, end);
}

void differentiate_channels(const NormTask& task, const NormSums& sums, at::ScalarType type, const void* x,
                            const void* dy, void* dx, int64_t begin, int64_t end) {
  kernels().differentiate[type == at::kBFloat16](task, sums, x, dy, dx, begin, end);
}

}  // namespace patronus
