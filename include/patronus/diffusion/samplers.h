#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "patronus/core/describe.h"
#include "patronus/core/random.h"
#include "patronus/diffusion/denoiser.h"
#include "patronus/diffusion/noise_schedule.h"

namespace patronus {

/// Samplers: DDIM; DDPM; DPM-Solver++ of second and third order.
enum class Sampler { kDdim, kDdpm, kDpmSolver, kDpmSolver3 };
inline std::vector<std::string> enum_names(Sampler) {
  return {"ddim", "ddpm", "dpm-solver", "dpm-solver-3"};
}

/// Sampler settings for images and vectors; YAML sections `sampling` and `latent.sampling`.
struct SamplerSettings {
  Sampler sampler = Sampler::kDdim;
  int64_t steps = 0;  // 0: 50 for ddim, 20 for dpm-solver(-3), at most T; T for ddpm
  double eta = 0;     // ddim only: 0 (deterministic) .. 1 (as random as DDPM)

  void describe(Fields& field);
};

/// Validates `settings` and resolves the number of steps. Throws ConfigError for steps outside 0 .. T, steps
/// other than T with ddpm, and eta outside 0 .. 1 or with a sampler without eta.
int64_t checked_steps(const SamplerSettings& settings, const NoiseSchedule& schedule);

/// Describes the settings for protocols: "ddim 50 steps, eta 0". Throws ConfigError as checked_steps.
std::string sampler_text(const SamplerSettings& settings, const NoiseSchedule& schedule);

/// Callbacks of a sampler.
struct SamplerCallbacks {
  NoiseSource noise = {};  // fresh noise: required for ddpm, and for ddim with eta above 0
  StepHook step = {};      // called after each step; its x0 estimates form the trajectory
};

/// Samples from `x_T` [B, ...], assumed standard normal at timestep T-1, through the timesteps of
/// `step_timesteps`. Evaluates the network once per step; the result is the unclipped x0 estimate at the last
/// timestep, without further noise. Coefficients are computed in double; the state keeps the dtype and device
/// of `x_T`. Throws ConfigError as checked_steps.
at::Tensor sample(const Denoiser& denoiser, at::Tensor x_T, const NoiseSchedule& schedule,
                  const SamplerSettings& settings, const SamplerCallbacks& callbacks = {});

/// Method of inverting an image to noise.
enum class InversionMethod {
  kRefined,    // fixed-point iteration in each step until its residual is below the tolerance
  kPlain,      // one network evaluation per step
  kReference,  // the reference implementation's chain, off by one timestep (needs steps = T)
};
inline std::vector<std::string> enum_names(InversionMethod) {
  return {"refined", "plain", "reference"};
}

struct InversionOptions {
  int64_t steps = 20;  // must equal the number of DDIM steps used for regeneration
  InversionMethod method = InversionMethod::kRefined;
  double tolerance = 3e-3;  // upper limit of each step's residual; images range over [-1, 1]
};

struct Inversion {
  at::Tensor x_T;
  at::Tensor residual;     // [B], dtype of x_T: largest final residual of the steps; NaN for kReference
  at::Tensor evaluations;  // int64 [B], network evaluations needed for each image
};

/// Throws ConfigError for a number of steps with which invert_ddim would fail.
void check_inversion(const InversionOptions& options, const NoiseSchedule& schedule);

/// Runs the DDIM ODE backwards: finds the x_T from which DDIM with the same number of steps regenerates `x0`
/// (paper Eq. 12). The steps mirror those of sampling: clean image -> timestep 0 -> ... -> T-1. Sampling goes
/// from x_t to x_s = a x_t + b eps(x_t, t); inversion finds x_t for a known x_s as the fixed point of
///   x_t = (x_s - b eps(x_t, t)) / a.
/// It starts from the previous step's noise estimate. Each network evaluation gives a better x_t and the
/// residual of the evaluated one: how far sampling would miss x_s, as a root mean square over the image's
/// pixels. From the second evaluation on, the last two are extrapolated for each image (Anderson acceleration
/// with memory one). A step ends when all residuals are below the tolerance, or after 12 evaluations. Images
/// that have converged are not changed further, so that results do not depend on the batch; an image whose
/// residual grows keeps its best x_t.
///
/// kPlain takes the first x_t of every step. kReference takes the image as timestep 0, evaluates the network
/// at the state and timestep from which a step starts, and in the last step, which has no next timestep,
/// takes the noise estimate itself as x_T.
Inversion invert_ddim(const Denoiser& denoiser, at::Tensor x0, const NoiseSchedule& schedule,
                      const InversionOptions& options, const StepHook& hook = {});

}  // namespace patronus
