#pragma once
#include <ATen/TensorOperators.h>

#include <cmath>

#include "patronus/core/random.h"
#include "patronus/diffusion/denoiser.h"
#include "patronus/diffusion/noise_schedule.h"

namespace patronus::test {

// The reference's sampling loops for latent vectors, which differ from the samplers they are named after.

/// Re-noises x_t to timestep t - 1 with deviation `noise_level(t)`, regardless of the predicted noise; ends
/// with the x0 estimate of timestep 0.
template <class NoiseLevel>
at::Tensor renoise(const Denoiser& denoiser, at::Tensor x, const NoiseSchedule& schedule,
                   const NoiseSource& noise, NoiseLevel noise_level) {
  for (int64_t t = schedule.timesteps() - 1; t > 0; --t) {
    const auto x0 = denoiser(x, t).x0;
    x = std::sqrt(schedule.alpha_bar(t - 1)) * x0 + noise_level(t) * noise(x);
  }
  return denoiser(x, 0).x0;
}

/// Adds fresh noise in place of the predicted noise.
inline at::Tensor reference_latent_ddim(const Denoiser& denoiser, const at::Tensor& x_T,
                                        const NoiseSchedule& schedule, double eta, const NoiseSource& noise) {
  return renoise(denoiser, x_T, schedule, noise, [&](int64_t t) {
    return std::sqrt(1 - schedule.alpha_bar(t - 1) - eta * eta * schedule.beta(t));
  });
}

/// Adds too little noise.
inline at::Tensor reference_latent_ddpm(const Denoiser& denoiser, const at::Tensor& x_T,
                                        const NoiseSchedule& schedule, const NoiseSource& noise) {
  return renoise(denoiser, x_T, schedule, noise, [&](int64_t t) { return std::sqrt(schedule.beta(t)); });
}

}  // namespace patronus::test
