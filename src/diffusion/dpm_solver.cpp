#include <ATen/TensorOperators.h>

#include <cmath>

#include "patronus/diffusion/samplers.h"

namespace patronus {

at::Tensor sample_dpm_solver(const Denoiser& denoiser, at::Tensor x_t, const Schedule& schedule,
                             const DpmSolverOptions& options, const StepHook& hook) {
  at::Tensor previous_x0;
  double previous_h = 0;
  int64_t index = 0;
  for (const auto [t, next] : sampling_steps(schedule, options.steps, Spacing::kLogSnr)) {
    const at::Tensor x0 = denoiser(x_t, t).x0;
    const double h = schedule.half_log_snr(next) - schedule.half_log_snr(t);
    if (next < 0) {
      x_t = x0.to(x_t.scalar_type());
    } else {
      // x0 extrapolated to the middle of the step from this level and the one before
      const double extrapolation = previous_x0.defined() ? h / (2 * previous_h) : 0.0;
      const auto direction = extrapolation == 0 ? x0 : (1 + extrapolation) * x0 - extrapolation * previous_x0;
      const double abar = schedule.alpha_bar(t), abar_next = schedule.alpha_bar(next);
      x_t =
          std::sqrt((1 - abar_next) / (1 - abar)) * x_t - (std::sqrt(abar_next) * std::expm1(-h)) * direction;
    }
    if (hook) hook({index++, t, x_t, x0});
    previous_x0 = x0;
    previous_h = h;
  }
  return x_t;
}

}  // namespace patronus
