#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "patronus/core/device.h"
#include "patronus/diffusion/denoiser.h"
#include "patronus/diffusion/schedule.h"

namespace patronus {

struct ReconstructOptions {
  int64_t steps = 50;      // of DDIM, each way
  int64_t variations = 0;  // V
  std::vector<uint64_t> seeds =
      {};  // one an image, for the noise of its variations; may be empty when V is 0
  Precision precision = Precision::kFloat32;  // of the variations; the round trip is always fp32
};

struct Reconstruction {
  at::Tensor x_T;         // [B, C, S, S], what inversion finds
  at::Tensor image;       // [B, C, S, S], regenerated from x_T
  at::Tensor variations;  // [B, V, C, S, S], the same activations with random x_T
};

/// Inverts `images` [B, C, S, S] under their own `activations` [B, P] and regenerates them; draws variations
/// of each from other noise, which show what the activations alone determine (paper Fig. 3). Nothing is
/// clipped. An image's result does not depend on the batch it is in.
Reconstruction reconstruct(const ConditionalDenoiser& model, const at::Tensor& images,
                           const at::Tensor& activations, const Schedule& schedule,
                           const ReconstructOptions& options);

}  // namespace patronus
