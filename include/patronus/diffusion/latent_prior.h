#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "patronus/diffusion/denoiser.h"
#include "patronus/diffusion/objective.h"
#include "patronus/diffusion/sample_images.h"
#include "patronus/diffusion/schedule.h"
#include "patronus/models/unet1d.h"

namespace patronus {

/// Mean and standard deviation of every activation over the training images: the network works on
/// z = (activation - mean) / deviation. Both float32 [P].
struct LatentScale {
  at::Tensor mean;
  at::Tensor deviation;

  at::Tensor normalized(const at::Tensor& activations) const { return (activations - mean) / deviation; }
  at::Tensor activations(const at::Tensor& z) const { return z * deviation + mean; }
};

/// Of `activations` [N, P]. A prototype whose activation does not vary gets deviation 1.
LatentScale latent_scale(const at::Tensor& activations);

/// The distribution of activation vectors, as a diffusion model (paper 3.4).
struct LatentPrior {
  UNet1d unet;  // in evaluation mode, on the device of `scale`
  LatentScale scale;
  Schedule schedule;
  PredictionKind prediction;
};

/// The network as a noise model of normalised vectors [B, 1, P], evaluated in fp32 without gradients.
Denoiser latent_denoiser(const LatentPrior& prior);

/// Draws one activation vector for every seed: float32 [B, P] on the network's device. Vector i depends on
/// seed i, not on the batch. The noise source of `options` is not used. Nothing is clipped.
at::Tensor sample_latents(const LatentPrior& prior, const std::vector<uint64_t>& seeds,
                          const SamplerOptions& options);

}  // namespace patronus
