#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

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

/// How an image is led back to noise.
enum class InversionMethod {
  kRefined,    // each step is solved by fixed-point iteration, until its residual is below the tolerance
  kPlain,      // one evaluation of the network a step
  kReference,  // the reference's chain, off by one level (needs steps = T)
};
inline std::vector<std::string> enum_names(InversionMethod) {
  return {"refined", "plain", "reference"};
}

struct InversionOptions {
  int64_t steps = 20;  // as many as `sample_ddim` will take back
  InversionMethod method = InversionMethod::kRefined;
  double tolerance = 3e-3;  // on the residual of every step; images range over [-1, 1]
};

struct Inversion {
  at::Tensor x_T;
  at::Tensor residual;      // [B], x_T's dtype: the largest of the steps, as last seen; NaN for kReference
  int64_t evaluations = 0;  // of the network, by the whole batch
};

/// The DDIM ODE run backwards: the x_T from which `sample_ddim` with the same steps regenerates `x0` (paper
/// eq. 12). The steps are those of `sample_ddim` mirrored, clean image -> level 0 -> ... -> T-1. Sampling
/// goes from x_t to x_s = a x_t + b eps(x_t, t); inversion looks for the x_t of a known x_s, the fixed point
/// of
///   x_t = (x_s - b eps(x_t, t)) / a.
/// It starts from the noise estimate of the step before, and each evaluation of the network gives a better
/// x_t as well as the residual of the one it was asked about: how far, as a root mean square over the image's
/// pixels, sampling would miss x_s. From the second evaluation on, the last two are extrapolated (Anderson
/// acceleration with a memory of one), image by image. A step ends when every image's residual is below the
/// tolerance, or after 12 evaluations; an image that is there already is left alone, so that it does not
/// depend on its batch, and one whose residual grows keeps its best x_t.
///
/// With kPlain the first x_t of every step is taken. With kReference the image is taken for level 0, the
/// network is asked about the state and level that a step starts from, and the last step, without a level to
/// go to, gives the noise estimate itself as x_T.
Inversion invert_ddim(const Denoiser& denoiser, at::Tensor x0, const Schedule& schedule,
                      const InversionOptions& options, const StepHook& hook = {});

struct DpmSolverOptions {
  int64_t steps = 20;
  int64_t order = 2;  // 1 to 3: x0 estimates that a step takes into account
};
/// DPM-Solver++ (Lu et al. 2022; 2M, their algorithm 2, and 3M), a deterministic multistep method: over every
/// step x0 is the polynomial in log-SNR through the latest estimates. Levels are even in log-SNR: even in
/// time, the last steps would differ too much in size for an extrapolation. The first steps lack a history
/// and are of lower order; the step to the clean image, infinite in log-SNR, is the x0 estimate.
at::Tensor sample_dpm_solver(const Denoiser& denoiser, at::Tensor x_t, const Schedule& schedule,
                             const DpmSolverOptions& options, const StepHook& hook = {});

}  // namespace patronus
