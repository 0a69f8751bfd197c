#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <string>
#include <vector>

#include "patronus/core/named_enum.h"

namespace patronus {

/// GPUs that this process sees.
int64_t gpu_count();

/// `auto` (CUDA if there is one), `cpu`, `cuda` or `cuda:N`. A ConfigError says what is wrong with the rest.
at::Device select_device(const std::string& name);

/// What the UNet computes in. The prototype encoder and its distances are always true fp32. kTf32 is a GPU's:
/// factors are rounded to 10 bits of mantissa, sums are fp32; in forward passes alone, gradients are fp32.
enum class Precision { kFloat32, kTf32, kBfloat16 };
inline std::vector<std::string> enum_names(Precision) {
  return {"fp32", "tf32", "bf16"};
}

/// Whether the processor multiplies matrices in tiles of bf16 (Intel's AMX), with which direct convolutions
/// are the fastest.
bool has_bf16_tiles();

/// Whether this processor multiplies bf16 at twice the rate of fp32 or more. Having bf16 instructions is not
/// enough: Intel's processors run them at half the rate of fp32 unless they have AMX.
bool cpu_is_fast_at_bf16();

/// The precision that is asked for; kAuto leaves it to the machine.
enum class PrecisionChoice { kAuto, kFloat32, kTf32, kBfloat16 };
inline std::vector<std::string> enum_names(PrecisionChoice) {
  return {"auto", "fp32", "tf32", "bf16"};
}

/// What is asked for, or with kAuto bf16 on a GPU that has it, and on processors that compute it faster than
/// fp32 (with AMX, or AMD's). The choice depends on the machine alone, so that a resumed run makes the same
/// one. ConfigError for kTf32 where there is none.
Precision select_precision(PrecisionChoice choice, at::Device device);

/// What inverting an image and regenerating it computes in where a run asks for `precision`: fp32, or kTf32
/// if that is it. bf16 loses too much of the image.
Precision inversion_precision(Precision precision);

/// Threads of the CPU operators; 0 leaves LibTorch's choice.
void set_threads(int64_t threads);

/// Lets the CPU operators run on one thread while it lives: for many small ones in a row, which wait for each
/// other's threads longer than they compute.
class OneThreadGuard {
 public:
  OneThreadGuard();
  ~OneThreadGuard();
  OneThreadGuard(const OneThreadGuard&) = delete;
  OneThreadGuard& operator=(const OneThreadGuard&) = delete;

 private:
  int threads_;
};

/// Disables TF32, so that fp32 is true fp32 on a GPU too; a PrecisionGuard of kTf32 enables it for its scope.
void require_true_fp32();

/// On a GPU: whether the same work gives the same bits every time, attention without LibTorch's fused
/// kernels, or cuDNN tries its algorithms and takes the fastest. `device`: the one that the process works on.
void set_deterministic(bool deterministic, at::Device device);

/// A tensor of the CPU on `device`; on a GPU without waiting for what it is still at. Other tensors as `to`
/// gives them.
at::Tensor to_device(const at::Tensor& tensor, at::Device device);

/// While it lives LibTorch's operators compute in `precision`: autocast is on with kBfloat16 alone, and
/// TF32, of a GPU, allowed with kTf32 alone. Afterwards both are on or off as they were.
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
