#pragma once
#include <ATen/core/Tensor.h>

#include "patronus/diffusion/noise_schedule.h"
#include "patronus/diffusion/objective.h"
#include "patronus/models/patronus_model.h"

namespace patronus {

/// Images for which a denoiser's losses are computed at once, unless less memory is to be used.
inline constexpr int64_t kLossBatchSize = 64;

/// Denoising loss of each image under `activations` [N, P], computed in batches: float64 [N] on the CPU. The
/// model must be in evaluation mode.
at::Tensor denoising_losses(PatronusModel& model, const NoisyImages& images, const at::Tensor& activations,
                            int64_t batch_size = kLossBatchSize);

/// Mean denoising losses of the same noisy images under different conditions: shows how much the denoiser
/// gains from the right one.
struct ConditionalGain {
  double loss_own;       // each image's own activations
  double loss_shuffled;  // another image's
  double loss_mean;      // the mean activation vector
};

/// Measures the losses on `images` [N, C, S, S], N at least 2, on the model's device. Timesteps are spread
/// evenly over 0 .. T-1 and the noise comes from `seed`, so that different steps and runs are comparable. The
/// model must be in evaluation mode, and is given `batch_size` noisy images at a time.
ConditionalGain conditional_gain(PatronusModel& model, const NoiseSchedule& schedule,
                                 PredictionKind prediction, const at::Tensor& images, uint64_t seed,
                                 int64_t batch_size = kLossBatchSize);

}  // namespace patronus
