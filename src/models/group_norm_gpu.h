#pragma once
#include "models/norm_task.h"

// Functions of libpatronus_gpu.so (patronus/core/gpu_function.h).

namespace patronus {

extern "C" {

/// Whether the threads of a block suffice for a slab of so many channels, a multiple of 8 and of the group's
/// size (group_norm_gpu.cu). They do for all but very large groups and unwieldy numbers of channels.
bool gpu_takes(int64_t channels, int64_t group_size);

/// Group normalisation of a batch on the GPU that is current. `task` describes its first image: the rows of
/// the others follow those that its pointers of an image point at. `x` and `y`: [B, H, W, C], in bfloat16 or
/// float32, aligned to 16 bytes. `stream`: a cudaStream_t. std::runtime_error when it cannot be launched.
void normalize_on_gpu(const NormTask& task, int64_t images, bool bf16, const void* x, void* y, void* stream);

/// dx of a batch, and the sums of all images: rows [B, C].
void differentiate_on_gpu(const NormTask& task, const NormSums& sums, int64_t images, bool bf16,
                          const void* x, const void* dy, void* dx, void* stream);
}

}  // namespace patronus
