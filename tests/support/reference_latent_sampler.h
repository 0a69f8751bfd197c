#pragma once
#include <ATen/TensorOperators.h>

#include <cmath>

#include "patronus/core/random.h"
#include "patronus/diffusion/denoiser.h"
#include "patronus/diffusion/schedule.h"

namespace patronus::test {

// The reference's loops over latent vectors, which are not the samplers that they are named after.

/// x_t is noised anew to timestep t - 1 by noise of deviation `noise_level(t)`, whatever the network took the
/// noise for; ends with the x0 estimate of timestep 0.
template <class NoiseLevel>
at::Tensor renoise(const Denoiser& denoiser, at::Tensor x, const Schedule& schedule, const NoiseSource& noise,
                   NoiseLevel noise_level) {
  for (int64_t t = schedule.timesteps() - 1; t > 0; --t) {
    const auto x0 = denoiser(x, t).x0;
    x = std::sqrt(schedule.alpha_bar(t - 1)) * x0 + noise_level(t) * noise(x);
  }
  return denoiser(x, 0).x0;
}

/// Fresh noise where the predicted noise belongs.
inline at::Tensor reference_latent_ddim(const Denoiser& denoiser, const at::Tensor& x_T,
                                        const Schedule& schedule, double eta, const NoiseSource& noise) {
  return renoise(denoiser, x_T, schedule, noise, [&](int64_t t) {
    return std::sqrt(1 - schedule.alpha_bar(t - 1) - eta * eta * schedule.beta(t));
  });
}

/// Too little noise.
inline at::Tensor reference_latent_ddpm(const Denoiser& denoiser, const at::Tensor& x_T,
                                        const Schedule& schedule, const NoiseSource& noise) {
  return renoise(denoiser, x_T, schedule, noise, [&](int64_t t) { return std::sqrt(schedule.beta(t)); });
}

}  // namespace patronus::test
