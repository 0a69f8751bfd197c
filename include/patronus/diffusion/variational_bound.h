#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "patronus/core/random.h"
#include "patronus/diffusion/denoiser.h"
#include "patronus/diffusion/schedule.h"

namespace patronus {

/// The variational bound on the negative log-likelihood of images (Ho et al. 2020, Eq. 5), its parts in bits
/// a dimension, for the chain whose states are some of the timesteps: any choice of timesteps is a model with
/// a bound of its own, and few timesteps bound less tightly.
struct VariationalBound {
  std::vector<int64_t> timesteps;  // where the network was evaluated, from T-1 down to 0: S of them
  at::Tensor prior;                // float64 [N]: what x_T still tells of the image
  at::Tensor terms;     // float64 [N, S]: the step from each timestep; the last one decodes the pixels
  at::Tensor x0_error;  // float64 [N, S]: mean squared error of the image estimate, unclipped

  at::Tensor bits() const;  // float64 [N]: the whole bound
};

/// The bound for images `x0`: float32 [N, C, S, S] of 256 grey values that fill [-1, 1], on the network's
/// device. `steps` timesteps are taken evenly in log-SNR, at least 2; T gives the bound of the whole chain.
/// `noise` is asked once a timestep, from T-1 on. Reverse steps take the clipped image estimate and have the
/// variance of the forward step (the larger one of Ho et al.); pixels are decoded by the Gaussian of the last
/// step, integrated over each grey value. ConfigError for `steps` that do not fit.
VariationalBound variational_bound(const Denoiser& denoiser, const at::Tensor& x0, const NoiseSource& noise,
                                   const Schedule& schedule, int64_t steps);

}  // namespace patronus
