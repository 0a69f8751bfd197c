#pragma once
#include "models/norm_task.h"

// Functions of libpatronus_gpu.so (patronus/core/gpu_function.h).

namespace patronus {

extern "C" {

/// Whether a block has enough threads for a slab of an image with `channels` channels, a multiple of 8 and of
/// `group_size` (group_norm_gpu.cu). False only for very large groups and awkward numbers of channels.
bool gpu_supports_channels(int64_t channels, int64_t group_size);

/// Group normalisation of a batch on the current GPU. `task` describes the first image; the rows of the
/// others follow at the same pointers. `x` and `y`: [B, H, W, C], bfloat16 or float32, aligned to 16 bytes.
/// `stream`: a cudaStream_t. Throws std::runtime_error if the launch fails.
void normalize_on_gpu(const NormTask& task, int64_t images, bool bf16, const void* x, void* y, void* stream);

/// dx of a batch, and `sums` for all images: rows [B, C].
void differentiate_on_gpu(const NormTask& task, const NormSums& sums, int64_t images, bool bf16,
                          const void* x, const void* dy, void* dx, void* stream);
}

}  // namespace patronus
