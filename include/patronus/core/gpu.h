#pragma once
#include <c10/core/Device.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace patronus {

/// Description of a GPU for records of results: its name and the versions of driver, CUDA and cuDNN. Empty
/// for the CPU and in builds without CUDA's headers.
std::vector<std::pair<std::string, std::string>> describe_gpu(at::Device device);

/// Whether a GPU supports bf16 and TF32 (Ampere and later). True in builds without CUDA's headers.
bool gpu_has_bf16_and_tf32(at::Device device);

/// The current cudaStream_t of a GPU.
void* current_stream(at::Device device);

/// Free memory of a GPU in bytes; 0 for the CPU and in builds without CUDA's headers.
int64_t free_gpu_bytes(at::Device device);

/// Peak GPU memory of tensors in bytes since the start of the program or the last `measure_gpu_bytes`; 0 for
/// the CPU and in builds without CUDA's headers.
int64_t peak_gpu_bytes(at::Device device);

/// Runs `work` and returns the peak GPU memory of tensors in bytes during it, beyond that before it; 0 for
/// the CPU and in builds without CUDA's headers.
int64_t measure_gpu_bytes(at::Device device, const std::function<void()>& work);

}  // namespace patronus
