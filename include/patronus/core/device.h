#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <string>
#include <vector>

#include "patronus/core/named_enum.h"

namespace patronus {

/// Number of GPUs visible to this process.
int64_t gpu_count();

/// Parses `auto` (CUDA if available), `cpu`, `cuda` or `cuda:N`. Throws ConfigError for other names and for
/// devices that are not available.
at::Device select_device(const std::string& name);

/// Compute precision of the UNet. The prototype encoder and its distances always use true fp32. kTf32 (GPUs
/// only) rounds factors to 10 mantissa bits and sums in fp32, in forward passes only; gradients are fp32.
enum class Precision { kFloat32, kTf32, kBfloat16 };
inline std::vector<std::string> enum_names(Precision) {
  return {"fp32", "tf32", "bf16"};
}

/// Whether the CPU has bf16 matrix tiles (Intel AMX), with which direct convolutions are the fastest.
bool has_bf16_tiles();

/// Whether the CPU computes bf16 products at least twice as fast as fp32. bf16 instructions alone do not
/// suffice: without AMX, Intel CPUs run them at half the rate of fp32.
bool cpu_is_fast_at_bf16();

/// Requested precision; kAuto chooses by machine.
enum class PrecisionChoice { kAuto, kFloat32, kTf32, kBfloat16 };
inline std::vector<std::string> enum_names(PrecisionChoice) {
  return {"auto", "fp32", "tf32", "bf16"};
}

/// Resolves `choice`. kAuto selects bf16 on GPUs that support it and on CPUs that compute it faster than fp32
/// (with AMX, or AMD's), else fp32; it depends on the machine only, so that a resumed run makes the same
/// choice. Throws ConfigError for kTf32 on a device without it.
Precision select_precision(PrecisionChoice choice, at::Device device);

/// Precision for inverting and regenerating images in a run with `precision`: kTf32 if that is it, else fp32,
/// as bf16 loses too much of the image.
Precision inversion_precision(Precision precision);

/// Sets the number of threads of CPU operators; 0 keeps LibTorch's choice.
void set_threads(int64_t threads);

/// Restricts CPU operators to one thread during its lifetime: faster for sequences of many small operators,
/// in which threads wait longer than they compute.
class SingleThreadGuard {
 public:
  SingleThreadGuard();
  ~SingleThreadGuard();
  SingleThreadGuard(const SingleThreadGuard&) = delete;
  SingleThreadGuard& operator=(const SingleThreadGuard&) = delete;

 private:
  int threads_;
};

/// Disables TF32 so that fp32 is true fp32 on GPUs; a PrecisionGuard of kTf32 enables it for its scope.
void require_true_fp32();

/// On GPUs, selects deterministic algorithms (without LibTorch's fused attention kernels), or lets cuDNN
/// benchmark its algorithms and use the fastest. `device`: the process's device.
void set_deterministic(bool deterministic, at::Device device);

/// Copies a tensor to `device`. From CPU to GPU the copy is asynchronous, through pinned memory; otherwise as
/// `to` does.
at::Tensor to_device(const at::Tensor& tensor, at::Device device);

/// Sets the compute precision of LibTorch's operators during its lifetime: enables autocast for kBfloat16
/// only, and on GPUs TF32 for kTf32 only. Restores the previous state afterwards.
class PrecisionGuard {
 public:
  PrecisionGuard(at::DeviceType device, Precision precision);
  ~PrecisionGuard();
  PrecisionGuard(const PrecisionGuard&) = delete;
  PrecisionGuard& operator=(const PrecisionGuard&) = delete;

 private:
  void allow_tf32(bool products, bool convolutions);

  at::DeviceType device_;
  bool autocast_before_, tf32_products_before_, tf32_convolutions_before_;
};

}  // namespace patronus
