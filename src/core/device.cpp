#include "patronus/core/device.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <ATen/detail/CUDAHooksInterface.h>

#include "patronus/core/error.h"
#include "patronus/core/gpu.h"
#include "patronus/core/gpu_function.h"
#include "patronus/core/log.h"
#include "patronus/core/text.h"

namespace patronus {

bool has_bf16_tiles() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("amx-bf16");
#else
  return false;
#endif
}

bool cpu_is_fast_at_bf16() {
#if defined(__x86_64__)
  return has_bf16_tiles() || (__builtin_cpu_is("amd") && __builtin_cpu_supports("avx512bf16"));
#else
  return false;
#endif
}

int64_t gpu_count() {
  return at::hasCUDA() ? at::detail::getCUDAHooks().deviceCount() : 0;
}

at::Device select_device(const std::string& name) {
  if (name == "cpu") return at::kCPU;
  const int64_t gpus = gpu_count();
  if (!gpu_library_error().empty()) {
    if (gpus > 0) throw ConfigError(gpu_library_error());  // LibTorch alone would run on it, but slowly
    log_warning_once("the GPU cannot be used: " + gpu_library_error());
  }
  if (name == "auto") return gpus > 0 ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU);
  if (name != "cuda" && !(name.starts_with("cuda:") && name.size() > 5 && name.size() < 9 &&
                          name.find_first_not_of("0123456789", 5) == std::string::npos)) {
    throw ConfigError("device '" + name + "': expected auto, cpu, cuda or cuda:N");
  }
  if (gpus == 0)
    throw ConfigError("device " + name +
                      ": this machine has no usable CUDA device; use --device cpu or auto");
  const int index = name == "cuda" ? 0 : std::stoi(name.substr(5));
  if (index >= gpus) {
    throw ConfigError("device " + name + ": this machine has " + pluralize(gpus, "CUDA device") +
                      ", numbered from 0");
  }
  return {at::kCUDA, static_cast<at::DeviceIndex>(index)};
}

Precision select_precision(PrecisionChoice choice, at::Device device) {
  if (choice == PrecisionChoice::kFloat32) return Precision::kFloat32;
  if (choice == PrecisionChoice::kBfloat16) return Precision::kBfloat16;
  const bool new_gpu = device.is_cuda() && gpu_has_bf16_and_tf32(device);
  if (choice == PrecisionChoice::kTf32) {
    if (new_gpu) return Precision::kTf32;
    throw ConfigError("runtime.precision tf32: " + device.str() +
                      " has none; use --precision auto, fp32 or bf16");
  }
  const bool bf16 = device.is_cuda() ? new_gpu : cpu_is_fast_at_bf16();
  return bf16 ? Precision::kBfloat16 : Precision::kFloat32;
}

Precision inversion_precision(Precision precision) {
  return precision == Precision::kTf32 ? Precision::kTf32 : Precision::kFloat32;
}

void set_threads(int64_t threads) {
  if (threads > 0) at::set_num_threads(static_cast<int>(threads));
}

SingleThreadGuard::SingleThreadGuard() : threads_(at::get_num_threads()) {
  at::set_num_threads(1);
}

SingleThreadGuard::~SingleThreadGuard() {
  at::set_num_threads(threads_);
}

void require_true_fp32() {
  at::globalContext().setAllowTF32CuBLAS(false);
  at::globalContext().setAllowTF32CuDNN(false);
}

void set_deterministic(bool deterministic, at::Device device) {
  at::globalContext().setDeterministicCuDNN(deterministic);
  at::globalContext().setDeterministicAlgorithms(deterministic, /*warn_only=*/true);
  at::globalContext().setBenchmarkCuDNN(!deterministic);
  // Fused attention kernels on GPUs accumulate gradients in any order and only warn about it. The switches
  // also affect the CPU, whose kernels are deterministic.
  const bool fused = !(deterministic && device.is_cuda());
  at::globalContext().setSDPUseFlash(fused);
  at::globalContext().setSDPUseMemEfficient(fused);
  at::globalContext().setSDPUseCuDNN(fused);
}

at::Tensor to_device(const at::Tensor& tensor, at::Device device) {
  if (!tensor.is_cpu() || !device.is_cuda()) return tensor.to(device);
  return tensor.pin_memory().to(device, tensor.scalar_type(), /*non_blocking=*/true);
}

PrecisionGuard::PrecisionGuard(at::DeviceType device, Precision precision)
    : device_(device),
      autocast_before_(at::autocast::is_autocast_enabled(device)),
      tf32_products_before_(at::globalContext().allowTF32CuBLAS()),
      tf32_convolutions_before_(at::globalContext().allowTF32CuDNN()) {
  allow_tf32(precision == Precision::kTf32, precision == Precision::kTf32);
  at::autocast::set_autocast_enabled(device, precision == Precision::kBfloat16);
  at::autocast::set_autocast_dtype(device, at::kBFloat16);
  at::autocast::increment_nesting();
}

PrecisionGuard::~PrecisionGuard() {
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(device_, autocast_before_);
  allow_tf32(tf32_products_before_, tf32_convolutions_before_);
}

void PrecisionGuard::allow_tf32(bool products, bool convolutions) {
  if (device_ != at::kCUDA) return;
  at::globalContext().setAllowTF32CuBLAS(products);
  at::globalContext().setAllowTF32CuDNN(convolutions);
}

}  // namespace patronus
