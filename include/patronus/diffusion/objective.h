#pragma once
#include <ATen/core/Tensor.h>

#include "patronus/diffusion/denoiser.h"
#include "patronus/diffusion/schedule.h"

namespace patronus {

/// Image and noise estimates from a network's `output` for `x_t` at a timestep with this alpha_bar, which
/// must not be 0.
Prediction to_prediction(const at::Tensor& output, const at::Tensor& x_t, double alpha_bar,
                         PredictionKind kind);

/// Images, or vectors, with noise on them, and what the network should answer: the training loss is its mean
/// squared error from that.
struct NoisyImages {
  at::Tensor x_t;        // [B, ...]
  at::Tensor timesteps;  // int64 [B]
  at::Tensor target;     // [B, ...], noise or v
};
/// `images`, `noise`: [B, ...] and `timesteps`: int64 [B], on one device.
NoisyImages noisy_images(const at::Tensor& images, const at::Tensor& noise, const at::Tensor& timesteps,
                         const Schedule& schedule, PredictionKind prediction);

}  // namespace patronus
