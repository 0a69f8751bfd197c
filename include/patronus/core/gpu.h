#pragma once
#include <c10/core/Device.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace patronus {

/// What a record of results should say of a GPU: its name, and the versions of driver, CUDA and cuDNN. Empty
/// for the CPU, and without CUDA's headers.
std::vector<std::pair<std::string, std::string>> describe_gpu(at::Device device);

/// Bytes of a GPU that tensors took at most since the program started; 0 for the CPU, and without CUDA's
/// headers.
int64_t peak_gpu_bytes(at::Device device);

}  // namespace patronus
