#pragma once
#include <c10/core/Device.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace patronus {

/// What a record of results should say of a GPU: its name, and the versions of driver, CUDA and cuDNN. Empty
/// for the CPU, and without CUDA's headers.
std::vector<std::pair<std::string, std::string>> describe_gpu(at::Device device);

/// Whether a GPU multiplies bf16 and TF32 itself (Ampere and later). Without CUDA's headers it is taken to.
bool gpu_has_bf16_and_tf32(at::Device device);

/// The cudaStream_t that work on a GPU is queued on.
void* current_stream(at::Device device);

/// Bytes of a GPU that nobody has taken; 0 for the CPU, and without CUDA's headers.
int64_t free_gpu_bytes(at::Device device);

/// Bytes of a GPU that tensors took at most since the program started, or since the last `gpu_bytes_of`; 0
/// for the CPU, and without CUDA's headers.
int64_t peak_gpu_bytes(at::Device device);

/// Bytes of a GPU that tensors take at most while `work` is done, beyond those that they take before it; 0
/// for the CPU, and without CUDA's headers.
int64_t gpu_bytes_of(at::Device device, const std::function<void()>& work);

}  // namespace patronus
