#include "core/cuda.h"

#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>
#include <cuda_runtime_api.h>

namespace patronus {
namespace {

/// Converts 13000 to "13.0".
std::string cuda_version(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

}  // namespace

const char* gpu_library_sources() {
  return PATRONUS_GPU_SOURCES;
}

std::vector<std::pair<std::string, std::string>> describe_cuda(c10::DeviceIndex gpu) {
  cudaDeviceProp properties{};
  int driver = 0;
  C10_CUDA_CHECK(cudaGetDeviceProperties(&properties, gpu));
  C10_CUDA_CHECK(cudaDriverGetVersion(&driver));
  return {{"gpu", properties.name},
          {"driver_cuda", cuda_version(driver)},
          {"cuda", cuda_version(CUDART_VERSION)},
          {"cudnn", std::to_string(at::detail::getCUDAHooks().versionRuntimeCuDNN())}};
}

int cuda_compute_capability_major(c10::DeviceIndex gpu) {
  int major = 0;
  C10_CUDA_CHECK(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, gpu));
  return major;
}

int64_t free_cuda_bytes(c10::DeviceIndex gpu) {
  const c10::cuda::CUDAGuard on_device(gpu);
  size_t free = 0, total = 0;
  C10_CUDA_CHECK(cudaMemGetInfo(&free, &total));
  return static_cast<int64_t>(free);
}

int64_t peak_cuda_bytes(c10::DeviceIndex gpu) {
  return c10::cuda::CUDACachingAllocator::getDeviceStats(gpu).allocated_bytes[0].peak;
}

void reset_peak_cuda_bytes(c10::DeviceIndex gpu) {
  c10::cuda::CUDACachingAllocator::resetPeakStats(gpu);
}

}  // namespace patronus
