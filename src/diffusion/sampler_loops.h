#pragma once
#include "patronus/diffusion/samplers.h"

namespace patronus {

// The loops behind `sample`, one per family of samplers. `settings.steps` is the actual number of steps.

/// DDIM (Song et al. 2021, eq. 12; paper eq. 7-11): first order, deterministic for eta 0. Timesteps are
/// evenly spaced in time. For eta > 0, noise is drawn at every step but the last.
at::Tensor sample_ddim(const Denoiser& denoiser, at::Tensor x_t, const NoiseSchedule& schedule,
                       const SamplerSettings& settings, const SamplerCallbacks& callbacks);

/// Mean of the DDPM step from timestep t: (x_t - beta_t / sqrt(1 - abar_t) eps) / sqrt(1 - beta_t).
at::Tensor ddpm_mean(const at::Tensor& x_t, const at::Tensor& eps, const NoiseSchedule& schedule, int64_t t);

/// Ancestral sampling over all T timesteps with variance beta_t (Ho et al. 2020, algorithm 2). Noise is drawn
/// at every timestep but the last.
at::Tensor sample_ddpm(const Denoiser& denoiser, at::Tensor x_t, const NoiseSchedule& schedule,
                       const SamplerCallbacks& callbacks);

/// DPM-Solver++ (Lu et al. 2022; 2M, their algorithm 2, and 3M), a deterministic multistep method: in each
/// step, x0 is the polynomial in log-SNR through the latest estimates. Timesteps are evenly spaced in
/// log-SNR: spaced in time, the last steps would differ too much in size to extrapolate. The first steps have
/// less history and lower order. The last step is infinite in log-SNR and yields the x0 estimate.
at::Tensor sample_dpm_solver(const Denoiser& denoiser, at::Tensor x_t, const NoiseSchedule& schedule,
                             const SamplerSettings& settings, const SamplerCallbacks& callbacks);

}  // namespace patronus
