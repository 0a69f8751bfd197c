#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "patronus/core/standardizer.h"
#include "patronus/diffusion/samplers.h"
#include "patronus/diffusion/schedule.h"
#include "patronus/models/unet1d.h"

namespace patronus {

/// The distribution of activation vectors, as a diffusion model (paper 3.4). The network works on
/// standardised activations.
struct LatentPrior {
  UNet1d unet;         // in evaluation mode, on the device of `scale`
  Standardizer scale;  // of the training images' activations: float32 [P]
  Schedule schedule;
  PredictionKind prediction;
};

/// Draws one activation vector for every seed: float32 [B, P] on the network's device. Vector i depends on
/// seed i, not on the batch. Nothing is clipped.
at::Tensor sample_latents(const LatentPrior& prior, const std::vector<uint64_t>& seeds,
                          const SamplerSettings& settings);

}  // namespace patronus
