#pragma once
#include <ATen/core/Tensor.h>

#include "patronus/diffusion/objective.h"
#include "patronus/diffusion/schedule.h"
#include "patronus/models/patronus_model.h"

namespace patronus {

/// The denoising loss of every image under `activations` [N, P], in batches: float64 [N] on the CPU. The
/// model must be in evaluation mode.
at::Tensor denoising_losses(PatronusModel& model, const NoisyImages& images, const at::Tensor& activations);

/// Denoising losses of the same noisy images with different conditions: how much the denoiser gains from the
/// right one.
struct ConditionalGain {
  double loss_own;       // each image's own activations
  double loss_shuffled;  // another image's
  double loss_mean;      // the mean activation vector
};

/// `images`: [N, C, S, S] on the model's device, N at least 2. Timesteps are spread evenly over 0 .. T-1 and
/// the noise comes from `seed`, so that values of different steps and runs compare. The model must be in
/// evaluation mode.
ConditionalGain conditional_gain(PatronusModel& model, const Schedule& schedule, PredictionKind prediction,
                                 const at::Tensor& images, uint64_t seed);

}  // namespace patronus
