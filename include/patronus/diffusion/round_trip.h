#pragma once
#include <ATen/core/Tensor.h>

#include "patronus/diffusion/samplers.h"

namespace patronus {

/// Images led to noise and back.
struct RoundTrip {
  Inversion inversion;
  at::Tensor image;  // [B, C, S, S], regenerated from inversion.x_T; not clipped
};

/// Inverts `images` [B, C, S, S] under a denoiser of their own activations, which must compute in fp32 or
/// TF32, and regenerates them by DDIM in as many steps (paper 4.1). An image's result does not depend, but
/// for rounding, on the batch it is in.
RoundTrip round_trip(const Denoiser& denoiser, const at::Tensor& images, const Schedule& schedule,
                     const InversionOptions& options);

}  // namespace patronus
