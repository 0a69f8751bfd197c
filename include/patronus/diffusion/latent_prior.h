#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "patronus/core/standardizer.h"
#include "patronus/diffusion/noise_schedule.h"
#include "patronus/diffusion/samplers.h"
#include "patronus/models/unet1d.h"

namespace patronus {

/// Diffusion model of the distribution of activation vectors (paper 3.4). The network works on standardised
/// activations.
struct LatentPrior {
  UNet1d unet;         // in evaluation mode, on the device of `scale`
  Standardizer scale;  // fitted to the training images' activations: float32 [P]
  NoiseSchedule schedule;
  PredictionKind prediction;
};

/// Samples one activation vector per seed: float32 [B, P] on the network's device. Vector i depends only on
/// seed i. Values are not clipped.
at::Tensor sample_latents(const LatentPrior& prior, const std::vector<uint64_t>& seeds,
                          const SamplerSettings& settings);

}  // namespace patronus
