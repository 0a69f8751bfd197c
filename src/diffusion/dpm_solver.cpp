#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>

#include "diffusion/sampler_loops.h"

namespace patronus {
namespace {

/// A timestep already visited, with its x0 estimate.
struct Passed {
  double half_log_snr;
  at::Tensor x0;
};

/// Mean of x0 over a step of length `h` in half log-SNR, with the weights of the step's exact integral; x0 is
/// the polynomial through the estimates in `history`, latest first.
at::Tensor mean_x0(const std::vector<Passed>& history, double h) {
  const auto& now = history[0];
  if (history.size() == 1) return now.x0;
  const auto slope = [&](size_t i) {
    return (history[i].x0 - history[i + 1].x0) *
           (h / (history[i].half_log_snr - history[i + 1].half_log_snr));
  };
  const auto first = slope(0);
  if (history.size() == 2) return now.x0 + first / 2;  // value at the middle of the step
  const double weight = -std::expm1(-h);
  const double linear = 1 - weight / h;
  const double quadratic = 1 - 2 * linear / h;
  const double last_step = (now.half_log_snr - history[1].half_log_snr) / h;
  const double both_steps = (now.half_log_snr - history[2].half_log_snr) / h;
  const auto curvature = (first - slope(1)) / both_steps;
  return now.x0 + (first + last_step * curvature) * (linear / weight) + curvature * (quadratic / weight);
}

}  // namespace

at::Tensor sample_dpm_solver(const Denoiser& denoiser, at::Tensor x_t, const NoiseSchedule& schedule,
                             const SamplerSettings& settings, const SamplerCallbacks& callbacks) {
  const size_t order = settings.sampler == Sampler::kDpmSolver3 ? 3 : 2;
  std::vector<Passed> history;
  int64_t index = 0;
  for (const auto [t, next] : sampling_steps(schedule, settings.steps, Spacing::kLogSnr)) {
    history.insert(history.begin(), Passed{schedule.half_log_snr(t), denoiser(x_t, t).x0});
    history.resize(std::min(history.size(), order));
    const auto& x0 = history.front().x0;
    if (next < 0) {
      x_t = x0.to(x_t.scalar_type());
    } else {
      const double h = schedule.half_log_snr(next) - schedule.half_log_snr(t);
      const double abar = schedule.alpha_bar(t), abar_next = schedule.alpha_bar(next);
      x_t = std::sqrt((1 - abar_next) / (1 - abar)) * x_t -
            (std::sqrt(abar_next) * std::expm1(-h)) * mean_x0(history, h);
    }
    if (callbacks.step) callbacks.step({index++, t, x_t, x0});
  }
  return x_t;
}

}  // namespace patronus
