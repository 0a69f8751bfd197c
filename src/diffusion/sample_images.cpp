#include "patronus/diffusion/sample_images.h"

#include <c10/util/StringUtil.h>

#include <utility>

#include "patronus/core/error.h"

namespace patronus {
namespace {

void check_eta(const SamplerOptions& options) {
  if (!(options.eta >= 0 && options.eta <= 1))
    throw ConfigError(c10::str("eta ", options.eta, ": expected 0 to 1"));
  if (options.eta > 0 && options.sampler != Sampler::kDdim) {
    throw ConfigError(
        c10::str("eta ", options.eta, ": only the sampler ddim has one; leave it out, or use ddim"));
  }
}

}  // namespace

int64_t checked_steps(const SamplerOptions& options, const Schedule& schedule) {
  const int64_t timesteps = schedule.timesteps();
  check_eta(options);
  if (options.sampler == Sampler::kDdpm) {
    if (options.steps.value_or(timesteps) == timesteps) return timesteps;
    throw ConfigError(c10::str("steps ", *options.steps, ": the sampler ddpm always takes all ", timesteps,
                               "; leave the steps out, or use ddim or dpm-solver"));
  }
  const int64_t usual = options.sampler == Sampler::kDdim ? DdimOptions{}.steps : DpmSolverOptions{}.steps;
  const int64_t steps = options.steps.value_or(std::min(usual, timesteps));
  check_step_count(schedule, steps);
  return steps;
}

at::Tensor sample_images(const Denoiser& denoiser, at::Tensor x_t, const Schedule& schedule,
                         const SamplerOptions& options, const StepHook& hook) {
  const int64_t steps = checked_steps(options, schedule);
  switch (options.sampler) {
    case Sampler::kDdim: {
      const DdimOptions ddim{.steps = steps, .eta = options.eta, .noise = options.noise};
      return sample_ddim(denoiser, std::move(x_t), schedule, ddim, hook);
    }
    case Sampler::kDdpm:
      return sample_ddpm(denoiser, std::move(x_t), schedule, {.noise = options.noise}, hook);
    case Sampler::kDpmSolver:
      return sample_dpm_solver(denoiser, std::move(x_t), schedule, {.steps = steps}, hook);
    case Sampler::kDpmSolver3:
      return sample_dpm_solver(denoiser, std::move(x_t), schedule, {.steps = steps, .order = 3}, hook);
  }
  TORCH_CHECK(false, "no such sampler");
}

}  // namespace patronus
