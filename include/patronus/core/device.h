#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <string>
#include <vector>

#include "patronus/core/named_enum.h"

namespace patronus {

/// `auto` (CUDA if there is one), `cpu`, `cuda` or `cuda:N`. A ConfigError says what is wrong with the rest.
at::Device select_device(const std::string& name);

/// What the UNet computes in. The prototype encoder and its distances are always true fp32.
enum class Precision { kFloat32, kBfloat16 };
inline std::vector<std::string> enum_names(Precision) {
  return {"fp32", "bf16"};
}

/// The precision that is asked for; kAuto leaves it to the machine.
enum class PrecisionChoice { kAuto, kFloat32, kBfloat16 };
inline std::vector<std::string> enum_names(PrecisionChoice) {
  return {"auto", "fp32", "bf16"};
}

/// What is asked for, or with kAuto bf16 on a GPU, and on processors that compute it faster than fp32 (with
/// AMX, or AMD's). The choice depends on the machine alone, so that a resumed run makes the same one.
Precision select_precision(PrecisionChoice choice, at::Device device);

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

/// Turns TF32 off everywhere, so that fp32 is true fp32 on a GPU too.
void require_true_fp32();

/// On a GPU: whether the same work gives the same bits every time, or cuDNN tries its algorithms and takes
/// the fastest.
void set_deterministic(bool deterministic);

/// A tensor of the CPU on `device`; on a GPU without waiting for what it is still at. Other tensors as `to`
/// gives them.
at::Tensor to_device(const at::Tensor& tensor, at::Device device);

/// Autocasts to bf16 while it lives, if `precision` asks for it; with kFloat32 turns autocast off.
class AutocastGuard {
 public:
  AutocastGuard(at::DeviceType device, Precision precision);
  ~AutocastGuard();
  AutocastGuard(const AutocastGuard&) = delete;
  AutocastGuard& operator=(const AutocastGuard&) = delete;

 private:
  at::DeviceType device_;
  bool was_enabled_;
};

}  // namespace patronus
