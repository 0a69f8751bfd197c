#include <ATen/TensorOperators.h>

#include <cmath>

#include "patronus/core/error.h"
#include "patronus/diffusion/samplers.h"

namespace patronus {
namespace {

/// Up from one noise level to the next, with the noise estimate of the network at level t.
struct InversionStep {
  int64_t t;
  double abar_from;
  double abar_to;
};

std::vector<InversionStep> mirrored_steps(const Schedule& schedule, int64_t steps) {
  const auto sampling = sampling_steps(schedule, steps);
  std::vector<InversionStep> result;
  for (auto step = sampling.rbegin(); step != sampling.rend(); ++step) {
    result.push_back({step->from, schedule.alpha_bar(step->to), schedule.alpha_bar(step->from)});
  }
  return result;
}

std::vector<InversionStep> reference_steps(const Schedule& schedule, int64_t steps) {
  const int64_t timesteps = schedule.timesteps();
  if (steps != timesteps) {
    throw ConfigError("inversion on the reference's levels: steps must be " + std::to_string(timesteps) +
                      ", all noise levels, got " + std::to_string(steps));
  }
  std::vector<InversionStep> result;
  for (int64_t t = 0; t < timesteps; ++t) {
    result.push_back({t, schedule.alpha_bar(t), t + 1 < timesteps ? schedule.alpha_bar(t + 1) : 0.0});
  }
  return result;
}

}  // namespace

at::Tensor invert_ddim(const Denoiser& denoiser, at::Tensor x0, const Schedule& schedule,
                       const InversionOptions& options, const StepHook& hook) {
  const auto steps = options.reference_levels ? reference_steps(schedule, options.steps)
                                              : mirrored_steps(schedule, options.steps);
  at::Tensor x = std::move(x0);
  int64_t index = 0;
  for (const auto [t, abar_from, abar_to] : steps) {
    const at::Tensor eps = denoiser(x, t).eps;
    const auto clean = (x - std::sqrt(1 - abar_from) * eps) / std::sqrt(abar_from);
    x = std::sqrt(abar_to) * clean + std::sqrt(1 - abar_to) * eps;
    if (hook) hook({index++, t, x, clean});
  }
  return x;
}

}  // namespace patronus
