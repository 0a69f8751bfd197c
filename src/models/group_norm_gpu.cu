// Group normalisation with modulation and SiLU on channels-last images. Each block processes a slab of
// neighbouring channels, whole groups, of one image; a thread handles 4 channels of every `rows`-th pixel.
// Images are read twice, the second time from the cache.
#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include <numeric>
#include <stdexcept>
#include <string>

#include "models/group_norm_gpu.h"

namespace patronus {
namespace {

constexpr int kLanes = 4;  // channels per thread
constexpr int kThreads = 256;
constexpr int kBlocks = 4;  // minimum of resident blocks per multiprocessor
constexpr int kWarp = 32;
constexpr int kWarps = kThreads / kWarp;
constexpr int kMinChannels = 16;  // per slab: 32 bytes of bfloat16, the unit of memory transactions

using Values = float[kLanes];

__device__ void load(const float* from, Values& to) {
  const float4 values = *reinterpret_cast<const float4*>(from);
  to[0] = values.x, to[1] = values.y, to[2] = values.z, to[3] = values.w;
}

__device__ void load(const __nv_bfloat16* from, Values& to) {
  const uint2 bits = *reinterpret_cast<const uint2*>(from);
  const auto* pairs = reinterpret_cast<const __nv_bfloat162*>(&bits);
#pragma unroll
  for (int i = 0; i < kLanes / 2; ++i) {
    const float2 pair = __bfloat1622float2(pairs[i]);
    to[2 * i] = pair.x, to[2 * i + 1] = pair.y;
  }
}

__device__ void store(float* to, const Values& from) {
  *reinterpret_cast<float4*>(to) = {from[0], from[1], from[2], from[3]};
}

__device__ void store(__nv_bfloat16* to, const Values& from) {
  uint2 bits;
  auto* pairs = reinterpret_cast<__nv_bfloat162*>(&bits);
#pragma unroll
  for (int i = 0; i < kLanes / 2; ++i) pairs[i] = __floats2bfloat162_rn(from[2 * i], from[2 * i + 1]);
  *reinterpret_cast<uint2*>(to) = bits;
}

__device__ float to_float(float value) {
  return value;
}
__device__ float to_float(__nv_bfloat16 value) {
  return __bfloat162float(value);
}

/// Logistic function, as accurate as the images' type requires.
template <class T>
__device__ float sigmoid(float z) {
  if constexpr (sizeof(T) == sizeof(float)) return 1 / (1 + expf(-z));
  return __fdividef(1.f, 1 + __expf(-z));
}

__device__ float at_or(const float* row, int64_t c, float otherwise) {
  return row != nullptr ? row[c] : otherwise;
}

/// Shared memory of a block.
struct Shared {
  // Partial sums: of three quantities per warp, or of one quantity per thread.
  float columns[3 * kWarps * kWarp * kLanes];
  float* totals;  // [3][slab]: sums over the pixels
  float* groups;  // [2][groups of the slab]
};

/// The slab of a block and a thread's position in it.
struct Place {
  int64_t image;
  int slab;       // channels
  int channel;  // its first channel
  int slots;  // threads per pixel
  int rows;  // pixels processed at a time
  int slot, row;  // of this thread; idle if row >= rows

  __device__ Place(const NormTask& t, int slab_channels) : slab(slab_channels) {
    const int slabs = static_cast<int>(t.channels) / slab;
    image = blockIdx.x / slabs;
    channel = static_cast<int>(blockIdx.x % slabs) * slab;
    slots = slab / kLanes;
    rows = kThreads / slots;
    slot = static_cast<int>(threadIdx.x) % slots;
    row = static_cast<int>(threadIdx.x) / slots;
  }
  __device__ int lane_channel() const { return channel + slot * kLanes; }
  __device__ int64_t image_start(const NormTask& t) const { return image * t.pixels * t.channels; }
};

/// Advances the pointers to the block's image.
__device__ NormTask of_image(NormTask t, int64_t image) {
  const auto advance = [&](const float*& row) { row = row != nullptr ? row + image * t.channels : nullptr; };
  advance(t.before), advance(t.scale), advance(t.shift), advance(t.mask);
  t.mean += image * (t.channels / t.group_size);
  t.rstd += image * (t.channels / t.group_size);
  return t;
}

/// Sums one quantity over the rows, in shared memory.
__device__ void add_up_in_memory(const Values& values, const Place& p, Shared& shared, float* totals) {
  float* own = shared.columns + threadIdx.x;
  __syncthreads();
#pragma unroll
  for (int l = 0; l < kLanes; ++l) own[l * kThreads] = values[l];
  __syncthreads();
  for (int left = p.rows; left > 1;) {
    const int half = (left + 1) / 2;
    if (p.row < left - half) {
#pragma unroll
      for (int l = 0; l < kLanes; ++l) own[l * kThreads] += own[l * kThreads + half * p.slots];
    }
    left = half;
    __syncthreads();
  }
  if (p.row == 0) {
#pragma unroll
    for (int l = 0; l < kLanes; ++l) totals[p.slot * kLanes + l] = own[l * kThreads];
  }
  __syncthreads();
}

/// Sums all quantities over the rows, first within warps; requires that `slots` divides the warp size.
template <int quantities>
__device__ void add_up_in_warps(Values (&values)[quantities], const Place& p, Shared& shared) {
  const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp;
#pragma unroll
  for (int q = 0; q < quantities; ++q) {
#pragma unroll
    for (int l = 0; l < kLanes; ++l) {
      float& value = values[q][l];
      for (int offset = kWarp / 2; offset >= p.slots; offset /= 2) {
        value += __shfl_xor_sync(0xFFFFFFFF, value, offset);
      }
      if (lane < p.slots) shared.columns[(q * kWarps + warp) * p.slab + lane * kLanes + l] = value;
    }
  }
  __syncthreads();
  for (int i = threadIdx.x; i < quantities * p.slab; i += kThreads) {
    const float* column = shared.columns + i / p.slab * kWarps * p.slab + i % p.slab;
    float sum = 0;
#pragma unroll
    for (int w = 0; w < kWarps; ++w) sum += column[w * p.slab];
    shared.totals[i] = sum;
  }
  __syncthreads();
}

/// Sums the threads' values over the rows, in a fixed order: totals[quantity][channel of the slab].
template <int quantities>
__device__ void add_up(Values (&values)[quantities], const Place& p, Shared& shared) {
  if (kWarp % p.slots == 0) return add_up_in_warps(values, p, shared);
  for (int q = 0; q < quantities; ++q) {
    add_up_in_memory(values[q], p, shared, shared.totals + q * p.slab);
  }
}

__device__ float warp_sum(float value) {
  for (int offset = kWarp / 2; offset > 0; offset /= 2) value += __shfl_xor_sync(0xFFFFFFFF, value, offset);
  return value;
}

/// Calls body(group of the slab, its first channel in the slab) with one warp per group.
template <class Body>
__device__ void for_each_group(const NormTask& t, const Place& p, const Body& body) {
  const int size = static_cast<int>(t.group_size);
  for (int group = threadIdx.x / kWarp; group < p.slab / size; group += kWarps) {
    body(group, group * size);
  }
  __syncthreads();
}

/// Mean and 1 / deviation of the slab's groups. Offsets from each channel's first pixel avoid cancellation.
template <class T>
__device__ void group_statistics(const NormTask& t, const Place& p, const T* x, Shared& shared) {
  Values origin, sums[2] = {};  // sums of the offset and of its square
  if (p.row < p.rows) load(x + p.slot * kLanes, origin);
#pragma unroll 2
  for (int64_t i = p.row; i < (p.row < p.rows ? t.pixels : 0); i += p.rows) {
    Values value;
    load(x + i * t.channels + p.slot * kLanes, value);
#pragma unroll
    for (int l = 0; l < kLanes; ++l) {
      const float d = value[l] - origin[l];
      sums[0][l] += d;
      sums[1][l] += d * d;
    }
  }
  add_up(sums, p, shared);
  const float n = static_cast<float>(t.pixels), size = static_cast<float>(t.group_size);
  for_each_group(t, p, [&](int group, int first) {
    const int lane = threadIdx.x % kWarp, count = static_cast<int>(t.group_size);
    const auto mean_of = [&](int c) {
      return shared.totals[c] / n + to_float(x[c]) + at_or(t.before, p.channel + c, 0);
    };
    float mean = 0;
    for (int c = first + lane; c < first + count; c += kWarp) mean += mean_of(c);
    mean = warp_sum(mean) / size;
    float deviations = 0;
    for (int c = first + lane; c < first + count; c += kWarp) {
      const float d = mean_of(c) - mean, s = shared.totals[c];
      deviations += shared.totals[p.slab + c] - s * s / n + n * d * d;
    }
    const float variance = warp_sum(deviations) / (n * size);
    if (lane != 0) return;
    t.mean[(p.channel + first) / t.group_size] = mean;
    t.rstd[(p.channel + first) / t.group_size] = rsqrtf(variance + t.eps);
  });
}

/// Per channel of a thread: z = a x + b, n = rstd x + offset.
struct Coefficients {
  Values a, b, rstd, offset, mask;

  __device__ Coefficients(const NormTask& t, int first) {
#pragma unroll
    for (int l = 0; l < kLanes; ++l) {
      const int c = first + l, group = c / static_cast<int>(t.group_size);
      const float gain = 1 + at_or(t.scale, c, 0);
      rstd[l] = t.rstd[group];
      offset[l] = (at_or(t.before, c, 0) - t.mean[group]) * rstd[l];
      a[l] = rstd[l] * t.weight[c] * gain;
      b[l] = (offset[l] * t.weight[c] + t.bias[c]) * gain + at_or(t.shift, c, 0);
      mask[l] = at_or(t.mask, c, 1);
    }
  }
};

/// Dynamic shared memory of a block, for `totals` and `groups`.
int shared_bytes(const NormTask& t, int slab) {
  return static_cast<int>(sizeof(float)) * (3 * slab + 2 * slab / static_cast<int>(t.group_size));
}

__device__ Shared& shared_memory(const Place& p) {
  __shared__ Shared shared;
  extern __shared__ float rest[];
  if (threadIdx.x == 0) {
    shared.totals = rest;
    shared.groups = rest + 3 * p.slab;
  }
  __syncthreads();
  return shared;
}

template <class T>
__global__ void __launch_bounds__(kThreads, kBlocks)
    normalize(NormTask task, int slab, const T* __restrict__ x, T* __restrict__ y) {
  const Place p(task, slab);
  Shared& shared = shared_memory(p);
  const NormTask t = of_image(task, p.image);
  x += p.image_start(t) + p.channel;
  y += p.image_start(t) + p.channel;
  group_statistics(t, p, x, shared);
  if (p.row >= p.rows) return;
  const Coefficients k(t, p.lane_channel());
#pragma unroll 2
  for (int64_t i = p.row; i < t.pixels; i += p.rows) {
    Values value;
    load(x + i * t.channels + p.slot * kLanes, value);
#pragma unroll
    for (int l = 0; l < kLanes; ++l) {
      const float z = k.a[l] * value[l] + k.b[l];
      value[l] = k.mask[l] * (t.silu ? z * sigmoid<T>(z) : z);
    }
    store(y + i * t.channels + p.slot * kLanes, value);
  }
}

/// dL/dz of a pixel's channels.
template <class T>
__device__ void differentiate_activation(const NormTask& t, const Coefficients& k, const Values& x,
                                         const Values& dy, Values& dz) {
#pragma unroll
  for (int l = 0; l < kLanes; ++l) {
    dz[l] = k.mask[l] * dy[l];
    if (!t.silu) continue;
    const float z = k.a[l] * x[l] + k.b[l], s = sigmoid<T>(z);
    dz[l] *= s * (1 + z * (1 - s));
  }
}

template <class T>
__global__ void __launch_bounds__(kThreads, kBlocks)
    differentiate(NormTask task, NormSums sums, int slab, const T* __restrict__ x, const T* __restrict__ dy,
                  T* __restrict__ dx) {
  const Place p(task, slab);
  Shared& shared = shared_memory(p);
  const NormTask t = of_image(task, p.image);
  const int64_t start = p.image_start(t) + p.channel;
  x += start, dy += start, dx += start;
  const bool works = p.row < p.rows;
  const Coefficients k(t, p.lane_channel());

  Values of_pixels[3] = {};  // sums of dz, dz n and n
#pragma unroll 2
  for (int64_t i = p.row; i < (works ? t.pixels : 0); i += p.rows) {
    Values value, gradient, dz;
    load(x + i * t.channels + p.slot * kLanes, value);
    load(dy + i * t.channels + p.slot * kLanes, gradient);
    differentiate_activation<T>(t, k, value, gradient, dz);
#pragma unroll
    for (int l = 0; l < kLanes; ++l) {
      const float n = k.rstd[l] * value[l] + k.offset[l];
      of_pixels[0][l] += dz[l];
      of_pixels[1][l] += dz[l] * n;
      of_pixels[2][l] += n;
    }
  }
  add_up(of_pixels, p, shared);

  // dx = rstd (g dz - mean(g dz) - n mean(g dz n)), means over the group, g = weight (1 + scale).
  const float pixels = static_cast<float>(t.pixels), count = pixels * static_cast<float>(t.group_size);
  const int groups = slab / static_cast<int>(t.group_size);
  for_each_group(t, p, [&](int group, int begin) {
    const int lane = threadIdx.x % kWarp;
    float mean = 0, slope = 0;
    for (int c = begin + lane; c < begin + static_cast<int>(t.group_size); c += kWarp) {
      const float gain = t.weight[p.channel + c] * (1 + at_or(t.scale, p.channel + c, 0));
      mean += gain * shared.totals[c];
      slope += gain * shared.totals[slab + c];
    }
    mean = warp_sum(mean), slope = warp_sum(slope);
    if (lane != 0) return;
    shared.groups[group] = mean / count;
    shared.groups[groups + group] = slope / count;
  });
  if (!works) return;

  Values slope, constant;
#pragma unroll
  for (int l = 0; l < kLanes; ++l) {
    const int c = p.slot * kLanes + l, group = c / static_cast<int>(t.group_size);
    const float mean = shared.groups[group], factor = shared.groups[groups + group];
    slope[l] = -k.rstd[l] * k.rstd[l] * factor;
    constant[l] = -k.rstd[l] * (mean + k.offset[l] * factor);
    if (p.row != 0) continue;
    const int64_t place = p.image * t.channels + p.channel + c;
    sums.dz[place] = shared.totals[c];
    sums.dz_normal[place] = shared.totals[slab + c];
    sums.dx[place] =
        k.a[l] * shared.totals[c] - k.rstd[l] * (pixels * mean + factor * shared.totals[2 * slab + c]);
  }
#pragma unroll 2
  for (int64_t i = p.row; i < t.pixels; i += p.rows) {
    Values value, gradient, dz;
    load(x + i * t.channels + p.slot * kLanes, value);
    load(dy + i * t.channels + p.slot * kLanes, gradient);
    differentiate_activation<T>(t, k, value, gradient, dz);
#pragma unroll
    for (int l = 0; l < kLanes; ++l) dz[l] = k.a[l] * dz[l] + slope[l] * value[l] + constant[l];
    store(dx + i * t.channels + p.slot * kLanes, dz);
  }
}

/// Channels per slab: at least kMinChannels, a multiple of the group size and of kLanes, a divisor of all channels.
int slab_channels(int64_t channels, int64_t group_size) {
  const auto smallest = std::lcm(static_cast<int>(group_size), kLanes), all = static_cast<int>(channels);
  for (int slab = smallest; slab < all; slab += smallest) {
    if (slab >= kMinChannels && all % slab == 0) return slab;
  }
  return all;
}

unsigned blocks(const NormTask& t, int64_t images, int slab) {
  return static_cast<unsigned>(images * (t.channels / slab));
}

void check_launch() {
  if (const auto error = cudaGetLastError(); error != cudaSuccess) {
    throw std::runtime_error(std::string("group normalisation on the GPU: ") + cudaGetErrorString(error));
  }
}

}  // namespace

bool gpu_supports_channels(int64_t channels, int64_t group_size) {
  return slab_channels(channels, group_size) <= kThreads * kLanes;
}

void normalize_on_gpu(const NormTask& task, int64_t images, bool bf16, const void* x, void* y, void* stream) {
  const int slab = slab_channels(task.channels, task.group_size), bytes = shared_bytes(task, slab);
  const auto launch = [&](auto* from, auto* to) {
    normalize<<<blocks(task, images, slab), kThreads, bytes, static_cast<cudaStream_t>(stream)>>>(task, slab, from, to);
  };
  if (bf16) {
    launch(static_cast<const __nv_bfloat16*>(x), static_cast<__nv_bfloat16*>(y));
  } else {
    launch(static_cast<const float*>(x), static_cast<float*>(y));
  }
  check_launch();
}

void differentiate_on_gpu(const NormTask& task, const NormSums& sums, int64_t images, bool bf16,
                          const void* x, const void* dy, void* dx, void* stream) {
  const int slab = slab_channels(task.channels, task.group_size), bytes = shared_bytes(task, slab);
  const auto launch = [&](auto* from, auto* gradient, auto* to) {
    differentiate<<<blocks(task, images, slab), kThreads, bytes, static_cast<cudaStream_t>(stream)>>>(
        task, sums, slab, from, gradient, to);
  };
  if (bf16) {
    launch(static_cast<const __nv_bfloat16*>(x), static_cast<const __nv_bfloat16*>(dy),
           static_cast<__nv_bfloat16*>(dx));
  } else {
    launch(static_cast<const float*>(x), static_cast<const float*>(dy), static_cast<float*>(dx));
  }
  check_launch();
}

}  // namespace patronus
