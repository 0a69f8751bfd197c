#pragma once
#include <ATen/core/Tensor.h>

#include "patronus/diffusion/denoiser.h"
#include "patronus/diffusion/schedule.h"

namespace patronus {

/// Image and noise estimates from a network's `output` for `x_t` at a timestep with this alpha_bar, which
/// must not be 0.
Prediction to_prediction(const at::Tensor& output, const at::Tensor& x_t, double alpha_bar,
                         PredictionKind kind);

/// What the network should answer for `add_noise(x0, noise, t)`: the training loss is its mean squared error
/// from this. `x0`, `noise`: [B, C, H, W]; `t`: int64 [B] on their device.
at::Tensor denoising_target(const at::Tensor& x0, const at::Tensor& noise, const at::Tensor& t,
                            const Schedule& schedule, PredictionKind kind);

}  // namespace patronus
