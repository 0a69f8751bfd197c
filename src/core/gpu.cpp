#include "patronus/core/gpu.h"

#include <c10/core/impl/VirtualGuardImpl.h>

#ifdef PATRONUS_CUDA
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>
#include <cuda_runtime_api.h>
#endif

namespace patronus {

void* current_stream(at::Device device) {
  return c10::impl::VirtualGuardImpl(device.type()).getStream(device).native_handle();
}

#ifdef PATRONUS_CUDA

namespace {

/// "13.0" of 13000.
std::string cuda_version(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> describe_gpu(at::Device device) {
  if (!device.is_cuda()) return {};
  cudaDeviceProp properties{};
  int driver = 0;
  C10_CUDA_CHECK(cudaGetDeviceProperties(&properties, device.index()));
  C10_CUDA_CHECK(cudaDriverGetVersion(&driver));
  return {{"gpu", properties.name},
          {"driver_cuda", cuda_version(driver)},
          {"cuda", cuda_version(CUDART_VERSION)},
          {"cudnn", std::to_string(at::detail::getCUDAHooks().versionRuntimeCuDNN())}};
}

bool gpu_has_bf16_and_tf32(at::Device device) {
  constexpr int kAmpere = 8;
  int major = 0;
  C10_CUDA_CHECK(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device.index()));
  return major >= kAmpere;
}

int64_t free_gpu_bytes(at::Device device) {
  if (!device.is_cuda()) return 0;
  const c10::cuda::CUDAGuard on_device(device);
  size_t free = 0, total = 0;
  C10_CUDA_CHECK(cudaMemGetInfo(&free, &total));
  return static_cast<int64_t>(free);
}

int64_t peak_gpu_bytes(at::Device device) {
  if (!device.is_cuda()) return 0;
  return c10::cuda::CUDACachingAllocator::getDeviceStats(device.index()).allocated_bytes[0].peak;
}

int64_t gpu_bytes_of(at::Device device, const std::function<void()>& work) {
  if (!device.is_cuda()) {
    work();
    return 0;
  }
  using namespace c10::cuda::CUDACachingAllocator;
  resetPeakStats(device.index());
  const int64_t before = peak_gpu_bytes(device);
  work();
  return peak_gpu_bytes(device) - before;
}

#else

std::vector<std::pair<std::string, std::string>> describe_gpu(at::Device) {
  return {};
}

bool gpu_has_bf16_and_tf32(at::Device) {
  return true;
}

int64_t free_gpu_bytes(at::Device) {
  return 0;
}

int64_t peak_gpu_bytes(at::Device) {
  return 0;
}

int64_t gpu_bytes_of(at::Device, const std::function<void()>& work) {
  work();
  return 0;
}

#endif

}  // namespace patronus
