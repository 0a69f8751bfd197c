#include <cuda_runtime_api.h>

#include <stdexcept>
#include <string>

#include "core/normal_noise.h"
#include "core/normal_noise_gpu.h"

namespace patronus {
namespace {

constexpr int kThreads = 256;

/// Each thread draws one block of four numbers of one image.
__global__ void draw_normal(const uint64_t* seeds, int64_t images, int64_t numbers, uint64_t draw,
                            float* noise) {
  const int64_t thread = int64_t{blockIdx.x} * kThreads + threadIdx.x, blocks = (numbers + 3) / 4;
  const int64_t image = thread / blocks, first = thread % blocks * 4;
  if (image >= images) return;
  const NormalBlock normal = normal_block(seeds[image], draw, first / 4);
  float* row = noise + image * numbers;
  for (int64_t i = first; i < numbers && i < first + 4; ++i) row[i] = normal.values[i - first];
}

}  // namespace

void draw_normal_on_gpu(const uint64_t* seeds, int64_t images, int64_t numbers, uint64_t draw, float* noise,
                        void* stream) {
  const int64_t threads = images * ((numbers + 3) / 4);
  draw_normal<<<static_cast<unsigned>((threads + kThreads - 1) / kThreads), kThreads, 0,
                static_cast<cudaStream_t>(stream)>>>(seeds, images, numbers, draw, noise);
  if (const auto error = cudaGetLastError(); error != cudaSuccess) {
    throw std::runtime_error(std::string("noise on the GPU: ") + cudaGetErrorString(error));
  }
}

}  // namespace patronus
