#pragma once
#include "patronus/diffusion/samplers.h"

namespace patronus {

// The loops behind `sample`, each for its own samplers. `settings.steps` is the number of steps.

/// DDIM (Song et al. 2021, eq. 12; paper eq. 7-11), deterministic and first order for eta 0. Timesteps even
/// in time; noise is drawn at every step but the last where eta is above 0.
at::Tensor sample_ddim(const Denoiser& denoiser, at::Tensor x_t, const Schedule& schedule,
                       const SamplerSettings& settings, const SamplerCallbacks& callbacks);

/// Mean of the DDPM step down from timestep t: (x_t - beta_t / sqrt(1 - abar_t) eps) / sqrt(1 - beta_t).
at::Tensor ddpm_mean(const at::Tensor& x_t, const at::Tensor& eps, const Schedule& schedule, int64_t t);

/// Ancestral sampling over all T timesteps with variance beta_t (Ho et al. 2020, algorithm 2). Noise is drawn
/// at every timestep but the last.
at::Tensor sample_ddpm(const Denoiser& denoiser, at::Tensor x_t, const Schedule& schedule,
                       const SamplerCallbacks& callbacks);

/// DPM-Solver++ (Lu et al. 2022; 2M, their algorithm 2, and 3M), a deterministic multistep method: over every
/// step x0 is the polynomial in log-SNR through the latest estimates. Timesteps are even in log-SNR: even in
/// time, the last steps would differ too much in size for an extrapolation. The first steps lack a history
/// and are of lower order; the step to the clean image, infinite in log-SNR, is the x0 estimate.
at::Tensor sample_dpm_solver(const Denoiser& denoiser, at::Tensor x_t, const Schedule& schedule,
                             const SamplerSettings& settings, const SamplerCallbacks& callbacks);

}  // namespace patronus
