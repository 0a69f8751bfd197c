#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include "patronus/core/device.h"

namespace patronus {

/// Prediction of the network for x_t; both estimates satisfy x_t = sqrt(abar) x0 + sqrt(1-abar) eps.
struct Prediction {
  at::Tensor x0;  // never clipped
  at::Tensor eps;
};

/// A noise model for a whole batch [B, C, H, W] at one timestep t. It hides network and condition from the
/// samplers.
using Denoiser = std::function<Prediction(const at::Tensor& x_t, int64_t t)>;

/// Makes the noise model for activations [B, P], evaluated at `precision`.
using ConditionalDenoiser = std::function<Denoiser(const at::Tensor& activations, Precision precision)>;

/// State of a sampler after a step. The tensors may be kept: samplers never modify them in place.
struct SamplerState {
  int64_t index;         // 0, 1, ...
  int64_t t;             // timestep at which the network was evaluated
  const at::Tensor& x;   // state after the step
  const at::Tensor& x0;  // clean-image estimate at this step
};
using StepHook = std::function<void(const SamplerState&)>;

}  // namespace patronus
