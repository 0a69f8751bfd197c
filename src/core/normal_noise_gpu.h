#pragma once
#include <cstdint>

namespace patronus {

/// A function of libpatronus_gpu.so (patronus/core/gpu_function.h). Fills `noise` [B, N], float32 on the GPU
/// that is current, with the given draw of normal_block (normal_noise.h): row i from `seeds[i]`, [B] on that
/// GPU. `stream`: a cudaStream_t. std::runtime_error when it cannot be launched.
extern "C" void draw_normal_on_gpu(const uint64_t* seeds, int64_t images, int64_t numbers, uint64_t draw,
                                   float* noise, void* stream);

}  // namespace patronus
