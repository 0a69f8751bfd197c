#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

#include "patronus/core/random.h"
#include "patronus/diffusion/denoiser.h"
#include "patronus/diffusion/schedule.h"

namespace patronus {

// All samplers start from x_T at level T-1, which is taken to be standard normal noise, pass through the
// levels of `step_levels`, evaluate the network once a step, and end with the network's x0 estimate at the
// last level: the clean image is never noised again, and is not clipped. Coefficients are computed in double;
// the state keeps the dtype and device of `x_t`. `steps` outside 1 .. T is a ConfigError.

struct DdpmOptions {
  NoiseSource noise = {};
  bool visit_level_zero = true;  // false: stop after level 1, as the reference does
};
/// Ancestral sampling over all T levels with variance beta_t (Ho et al. 2020, algorithm 2). Noise is drawn at
/// every level but the last.
at::Tensor sample_ddpm(const Denoiser& denoiser, at::Tensor x_t, const Schedule& schedule,
                       const DdpmOptions& options, const StepHook& hook = {});

/// Mean of the DDPM step down from level t: (x_t - beta_t / sqrt(1 - abar_t) eps) / sqrt(1 - beta_t).
at::Tensor ddpm_mean(const at::Tensor& x_t, const at::Tensor& eps, const Schedule& schedule, int64_t t);

struct DdimOptions {
  int64_t steps = 50;
  double eta = 0;          // 0 deterministic .. 1 as random as DDPM
  NoiseSource noise = {};  // needed when eta > 0; drawn at every step but the last
};
/// DDIM (Song et al. 2021, eq. 12; paper eq. 7-11), deterministic and first order for eta 0. Levels even in
/// time.
at::Tensor sample_ddim(const Denoiser& denoiser, at::Tensor x_t, const Schedule& schedule,
                       const DdimOptions& options, const StepHook& hook = {});

struct InversionOptions {
  int64_t steps = 50;
  bool reference_levels = false;  // the reference's off-by-one levels (needs steps = T)
};
/// The DDIM ODE run backwards: the x_T from which `sample_ddim` with the same steps regenerates `x0` (paper
/// eq. 12). The steps are those of `sample_ddim` mirrored, clean image -> level 0 -> ... -> T-1, so both ends
/// match. Each asks the network at the level it leads to, where sampling asks on its way back, but about the
/// state it starts from: the first one shows the network the clean image as level 0, where x0 is the image
/// itself. The round trip is exact up to the network's change along a step, an error that falls as 1/steps.
///
/// `reference_levels` repeats the reference's chain instead: the image is taken for level 0, the network is
/// asked at the level a step starts from, and the last step, without a level to go to, gives the noise
/// estimate itself as x_T.
at::Tensor invert_ddim(const Denoiser& denoiser, at::Tensor x0, const Schedule& schedule,
                       const InversionOptions& options, const StepHook& hook = {});

struct DpmSolverOptions {
  int64_t steps = 20;
};
/// DPM-Solver++(2M) (Lu et al. 2022, algorithm 2), deterministic, second order. Levels even in log-SNR, the
/// variable in which the method extrapolates: even in time, the last steps would differ too much in size for
/// it. The first step has no history and is of first order; the step to the clean image, infinite in log-SNR,
/// is the x0 estimate.
at::Tensor sample_dpm_solver(const Denoiser& denoiser, at::Tensor x_t, const Schedule& schedule,
                             const DpmSolverOptions& options, const StepHook& hook = {});

}  // namespace patronus
