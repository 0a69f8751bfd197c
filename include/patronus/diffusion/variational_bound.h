#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "patronus/core/random.h"
#include "patronus/diffusion/denoiser.h"
#include "patronus/diffusion/noise_schedule.h"

namespace patronus {

/// Variational bound on the negative log-likelihood of images (Ho et al. 2020, Eq. 5) and its parts, in bits
/// per dimension, for the chain of the chosen timesteps. Each choice defines a model with its own bound;
/// fewer timesteps give a looser one.
struct VariationalBound {
  std::vector<int64_t> timesteps;  // [S], where the network was evaluated, from T-1 down to 0
  at::Tensor prior;                // float64 [N], information about the image left in x_T
  at::Tensor terms;                // float64 [N, S], step from each timestep; the last one decodes the pixels
  at::Tensor x0_error;             // float64 [N, S], mean squared error of the unclipped image estimate

  at::Tensor bits() const;  // float64 [N], the whole bound
};

/// Computes the bound for images `x0`: float32 [N, C, S, S], with 256 grey levels over [-1, 1], on the
/// network's device. Takes `steps` timesteps, at least 2, evenly in log-SNR; T gives the bound of the whole
/// chain. Calls `noise` once per timestep, from T-1 on. Reverse steps use the clipped image estimate and the
/// variance of the forward step (the larger one of Ho et al.); pixels are decoded by the Gaussian of the last
/// step, integrated over each grey level. Throws ConfigError for invalid `steps`.
VariationalBound variational_bound(const Denoiser& denoiser, const at::Tensor& x0, const NoiseSource& noise,
                                   const NoiseSchedule& schedule, int64_t steps);

}  // namespace patronus
