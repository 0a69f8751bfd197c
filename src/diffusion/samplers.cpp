#include "patronus/diffusion/samplers.h"

#include <c10/util/StringUtil.h>

#include <algorithm>
#include <utility>

#include "diffusion/sampler_loops.h"
#include "patronus/core/error.h"
#include "patronus/core/text.h"

namespace patronus {
namespace {

void check_eta(const SamplerSettings& settings) {
  if (!(settings.eta >= 0 && settings.eta <= 1))
    throw ConfigError(c10::str("eta ", settings.eta, ": expected 0 to 1"));
  if (settings.eta > 0 && settings.sampler != Sampler::kDdim) {
    throw ConfigError(
        c10::str("eta ", settings.eta, ": only the sampler ddim has one; leave it out, or use ddim"));
  }
}

}  // namespace

void SamplerSettings::describe(Fields& field) {
  field("sampler", sampler, "ddim, ddpm (all T steps), dpm-solver (DPM-Solver++ 2M) or dpm-solver-3 (3M)");
  field("steps", steps, "denoising steps; 0: the sampler's default", between(0, 100000));
  field("eta", eta, "share of fresh noise in DDIM: 0 deterministic, 1 as much as DDPM", between(0, 1));
}

int64_t checked_steps(const SamplerSettings& settings, const NoiseSchedule& schedule) {
  constexpr int64_t kDdimSteps = 50, kDpmSolverSteps = 20;
  const int64_t timesteps = schedule.timesteps();
  check_eta(settings);
  if (settings.sampler == Sampler::kDdpm) {
    if (settings.steps == 0 || settings.steps == timesteps) return timesteps;
    throw ConfigError(c10::str("steps ", settings.steps, ": the sampler ddpm always takes all ", timesteps,
                               "; leave the steps out, or use ddim or dpm-solver"));
  }
  if (settings.steps == 0)
    return std::min(settings.sampler == Sampler::kDdim ? kDdimSteps : kDpmSolverSteps, timesteps);
  check_step_count(schedule, settings.steps);
  return settings.steps;
}

std::string sampler_text(const SamplerSettings& settings, const NoiseSchedule& schedule) {
  return to_string(settings.sampler) + " " + std::to_string(checked_steps(settings, schedule)) +
         " steps, eta " + format_shortest(settings.eta);
}

at::Tensor sample(const Denoiser& denoiser, at::Tensor x_T, const NoiseSchedule& schedule,
                  const SamplerSettings& settings, const SamplerCallbacks& callbacks) {
  SamplerSettings counted = settings;
  counted.steps = checked_steps(settings, schedule);
  switch (settings.sampler) {
    case Sampler::kDdim:
      return sample_ddim(denoiser, std::move(x_T), schedule, counted, callbacks);
    case Sampler::kDdpm:
      return sample_ddpm(denoiser, std::move(x_T), schedule, callbacks);
    case Sampler::kDpmSolver:
    case Sampler::kDpmSolver3:
      return sample_dpm_solver(denoiser, std::move(x_T), schedule, counted, callbacks);
  }
  TORCH_CHECK(false, "no such sampler");
}

}  // namespace patronus
