#pragma once
#include <cstdint>
#include <string>

#include "patronus/core/random.h"
#include "patronus/diffusion/denoiser.h"
#include "patronus/diffusion/schedule.h"

namespace patronus {

struct DdpmOptions {
  NoiseSource noise;
  bool visit_level_zero = true;  // false: stop after level 1, as the reference does
};
/// Ancestral sampling over all T levels with variance beta_t (Ho et al. 2020, algorithm 2).
at::Tensor sample_ddpm(const Denoiser& denoiser, at::Tensor x_t, const Schedule& schedule, const DdpmOptions& options,
                       const StepHook& hook = {});

struct DdimOptions {
  int64_t steps = 50;
  double eta = 0;
  NoiseSource noise;  // needed when eta > 0
};
/// DDIM (Song et al. 2021, eq. 12; paper eq. 7-11), deterministic for eta 0.
at::Tensor sample_ddim(const Denoiser& denoiser, at::Tensor x_t, const Schedule& schedule, const DdimOptions& options,
                       const StepHook& hook = {});

struct InversionOptions {
  int64_t steps = 50;
  bool reference_levels = false;  // the reference's off-by-one levels (needs steps = T)
};
/// The DDIM ODE run backwards: the x_T from which `sample_ddim` with the same steps regenerates `x0` (paper eq. 12).
at::Tensor invert_ddim(const Denoiser& denoiser, at::Tensor x0, const Schedule& schedule,
                       const InversionOptions& options, const StepHook& hook = {});

struct DpmSolverOptions {
  int64_t steps = 20;
};
/// DPM-Solver++(2M) (Lu et al. 2022, algorithm 2), deterministic, second order.
at::Tensor sample_dpm_solver(const Denoiser& denoiser, at::Tensor x_t, const Schedule& schedule,
                             const DpmSolverOptions& options, const StepHook& hook = {});

}  // namespace patronus
