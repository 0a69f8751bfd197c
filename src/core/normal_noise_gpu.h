#pragma once
#include <cstdint>

namespace patronus {

/// In libpatronus_gpu.so (patronus/core/gpu_function.h). Fills `noise` [B, N], float32 on the current GPU,
/// with draw number `draw` of normal_block (normal_noise.h): row i from `seeds[i]`, [B] on that GPU.
/// `stream`: a cudaStream_t. Throws std::runtime_error if the launch fails.
extern "C" void draw_normal_on_gpu(const uint64_t* seeds, int64_t images, int64_t numbers, uint64_t draw,
                                   float* noise, void* stream);

}  // namespace patronus
