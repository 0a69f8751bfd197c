#pragma once
#include <c10/core/Device.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

// Functions of libpatronus_gpu.so (patronus/core/gpu_function.h). `gpu`: a CUDA device number.

namespace patronus {

/// A CUDA graph.
class CudaGraph {
 public:
  virtual ~CudaGraph() = default;
  virtual void replay() = 0;
};

extern "C" {

/// Hash of the library's sources.
const char* gpu_library_sources();

std::vector<std::pair<std::string, std::string>> describe_cuda(c10::DeviceIndex gpu);
int cuda_compute_capability_major(c10::DeviceIndex gpu);
int64_t free_cuda_bytes(c10::DeviceIndex gpu);
int64_t peak_cuda_bytes(c10::DeviceIndex gpu);
void reset_peak_cuda_bytes(c10::DeviceIndex gpu);

/// Records the operations that `work` launches. If that fails, restores the device and its default generator
/// and throws the exception of `work` or LibTorch.
std::shared_ptr<CudaGraph> record_cuda_graph(c10::DeviceIndex gpu, const std::function<void()>& work);
}

}  // namespace patronus
