#pragma once
#include <ATen/core/Tensor.h>

#include "patronus/diffusion/denoiser.h"
#include "patronus/diffusion/noise_schedule.h"

namespace patronus {

/// Converts a network's `output` for `x_t` to image and noise estimates. `alpha_bar` of the timestep must not
/// be 0.
Prediction to_prediction(const at::Tensor& output, const at::Tensor& x_t, double alpha_bar,
                         PredictionKind kind);

/// Noised images or vectors with the network's regression target; the training loss is the mean squared error
/// from it.
struct NoisyImages {
  at::Tensor x_t;        // [B, ...]
  at::Tensor timesteps;  // int64 [B]
  at::Tensor target;     // [B, ...], noise or v
};
/// Adds noise. `images`, `noise`: [B, ...], and `timesteps`: int64 [B], all on one device.
NoisyImages noisy_images(const at::Tensor& images, const at::Tensor& noise, const at::Tensor& timesteps,
                         const NoiseSchedule& schedule, PredictionKind prediction);

}  // namespace patronus
