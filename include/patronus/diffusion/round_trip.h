#pragma once
#include <ATen/core/Tensor.h>

#include "patronus/diffusion/samplers.h"

namespace patronus {

/// Inversion and regeneration of images.
struct RoundTrip {
  Inversion inversion;
  at::Tensor image;  // [B, C, S, S], regenerated from inversion.x_T; not clipped
};

/// Inverts `images` [B, C, S, S] with a denoiser of their own activations, which must compute in fp32 or
/// TF32, and regenerates them by DDIM with the same number of steps (paper 4.1). Up to rounding, results do
/// not depend on the batch.
RoundTrip round_trip(const Denoiser& denoiser, const at::Tensor& images, const NoiseSchedule& schedule,
                     const InversionOptions& options);

}  // namespace patronus
