#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "patronus/core/describe.h"
#include "patronus/core/random.h"
#include "patronus/diffusion/denoiser.h"
#include "patronus/diffusion/schedule.h"

namespace patronus {

/// DDIM; DDPM; DPM-Solver++ of second and of third order.
enum class Sampler { kDdim, kDdpm, kDpmSolver, kDpmSolver3 };
inline std::vector<std::string> enum_names(Sampler) {
  return {"ddim", "ddpm", "dpm-solver", "dpm-solver-3"};
}

/// How images and vectors are drawn; YAML sections `sampling` and `latent.sampling`.
struct SamplerSettings {
  Sampler sampler = Sampler::kDdim;
  int64_t steps = 0;  // 0: 50 for ddim, 20 for dpm-solver(-3), or T where that is fewer; all T for ddpm
  double eta = 0;     // ddim only: 0 deterministic .. 1 as random as DDPM

  void describe(Fields& field);
};

/// The number of steps that `settings` stand for, after checking all of them: ConfigError for steps outside 0
/// .. T, steps other than T with ddpm, eta outside 0 .. 1 or with a sampler that has none.
int64_t checked_steps(const SamplerSettings& settings, const Schedule& schedule);

/// The settings as a protocol names them: "ddim 50 steps, eta 0.000000". ConfigError as above.
std::string sampler_text(const SamplerSettings& settings, const Schedule& schedule);

/// What a sampler calls.
struct SamplerCallbacks {
  NoiseSource noise = {};  // for fresh noise: needed by ddpm, and by ddim with eta above 0
  StepHook step = {};      // after each step, with the x0 estimate there: together they are its trajectory
};

/// Runs the chosen sampler from `x_T`, [B, ...] at timestep T-1, which is taken to be standard normal noise,
/// through the timesteps of `step_timesteps`. The network is evaluated once a step, and its x0 estimate at
/// the last timestep is the result: the clean image is never noised again, and is not clipped. Coefficients
/// are computed in double; the state keeps the dtype and device of `x_T`. ConfigError as `checked_steps`.
at::Tensor sample(const Denoiser& denoiser, at::Tensor x_T, const Schedule& schedule,
                  const SamplerSettings& settings, const SamplerCallbacks& callbacks = {});

/// How an image is led back to noise.
enum class InversionMethod {
  kRefined,    // each step is solved by fixed-point iteration, until its residual is below the tolerance
  kPlain,      // one evaluation of the network a step
  kReference,  // the reference's chain, off by one timestep (needs steps = T)
};
inline std::vector<std::string> enum_names(InversionMethod) {
  return {"refined", "plain", "reference"};
}

struct InversionOptions {
  int64_t steps = 20;  // as many as DDIM will take back
  InversionMethod method = InversionMethod::kRefined;
  double tolerance = 3e-3;  // on the residual of every step; images range over [-1, 1]
};

struct Inversion {
  at::Tensor x_T;
  at::Tensor residual;     // [B], x_T's dtype: the largest of the steps, as last seen; NaN for kReference
  at::Tensor evaluations;  // int64 [B], of the network, that each image needed
};

/// The DDIM ODE run backwards: the x_T from which DDIM with as many steps regenerates `x0` (paper
/// eq. 12). The steps are those of sampling mirrored, clean image -> timestep 0 -> ... -> T-1. Sampling
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
/// With kPlain the first x_t of every step is taken. With kReference the image is taken for timestep 0, the
/// network is asked about the state and timestep that a step starts from, and the last step, without a
/// timestep to go to, gives the noise estimate itself as x_T.
Inversion invert_ddim(const Denoiser& denoiser, at::Tensor x0, const Schedule& schedule,
                      const InversionOptions& options, const StepHook& hook = {});

}  // namespace patronus
