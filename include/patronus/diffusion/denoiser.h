#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include "patronus/core/device.h"

namespace patronus {

/// What one evaluation of the network says about x_t: both are consistent, x_t = sqrt(abar) x0 + sqrt(1-abar)
/// eps.
struct Prediction {
  at::Tensor x0;  // never clipped
  at::Tensor eps;
};

/// The noise model at one timestep t for a whole batch [B, C, H, W]. Samplers know nothing of networks or
/// conditions.
using Denoiser = std::function<Prediction(const at::Tensor& x_t, int64_t t)>;

/// Gives the noise model for activations [B, P], evaluated in `precision`.
using ConditionalDenoiser = std::function<Denoiser(const at::Tensor& activations, Precision precision)>;

/// What a sampler shows after each step. The tensors may be kept: samplers never change one in place.
struct Step {
  int64_t index;         // 0, 1, ...
  int64_t t;             // timestep at which the network was evaluated
  const at::Tensor& x;   // state after the step
  const at::Tensor& x0;  // estimate of the clean image at this step
};
using StepHook = std::function<void(const Step&)>;

}  // namespace patronus
