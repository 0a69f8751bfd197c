#include "patronus/core/gpu.h"

#include <c10/core/impl/VirtualGuardImpl.h>

#include "core/cuda.h"
#include "patronus/core/gpu_function.h"

namespace patronus {

std::vector<std::pair<std::string, std::string>> describe_gpu(at::Device device) {
  auto* const describe = gpu_function<decltype(describe_cuda)>("describe_cuda");
  if (!device.is_cuda() || describe == nullptr) return {};
  return describe(device.index());
}

bool gpu_has_bf16_and_tf32(at::Device device) {
  constexpr int kAmpere = 8;
  auto* const major = gpu_function<decltype(cuda_compute_capability_major)>("cuda_compute_capability_major");
  return major == nullptr || major(device.index()) >= kAmpere;
}

void* current_stream(at::Device device) {
  return c10::impl::VirtualGuardImpl(device.type()).getStream(device).native_handle();
}

int64_t free_gpu_bytes(at::Device device) {
  auto* const free_bytes = gpu_function<decltype(free_cuda_bytes)>("free_cuda_bytes");
  return device.is_cuda() && free_bytes != nullptr ? free_bytes(device.index()) : 0;
}

int64_t peak_gpu_bytes(at::Device device) {
  auto* const peak_bytes = gpu_function<decltype(peak_cuda_bytes)>("peak_cuda_bytes");
  return device.is_cuda() && peak_bytes != nullptr ? peak_bytes(device.index()) : 0;
}

int64_t measure_gpu_bytes(at::Device device, const std::function<void()>& work) {
  auto* const reset_peak = gpu_function<decltype(reset_peak_cuda_bytes)>("reset_peak_cuda_bytes");
  if (!device.is_cuda() || reset_peak == nullptr) {
    work();
    return 0;
  }
  reset_peak(device.index());
  const int64_t before = peak_gpu_bytes(device);
  work();
  return peak_gpu_bytes(device) - before;
}

}  // namespace patronus
