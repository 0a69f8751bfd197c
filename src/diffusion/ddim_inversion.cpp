#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <ranges>

#include "patronus/core/error.h"
#include "patronus/core/unknown.h"
#include "patronus/diffusion/samplers.h"

namespace patronus {
namespace {

constexpr int64_t kMaxEvaluations = 12;  // network evaluations per step

/// The DDIM step x_s = scale x_t + shift eps(x_t, t) from timestep t, to be solved for x_t with x_s known.
struct StepEquation {
  StepEquation(const NoiseSchedule& schedule, const SamplerStep& step, at::Tensor x)
      : t(step.from), x_s(std::move(x)) {
    const double abar_t = schedule.alpha_bar(step.from);
    abar_s = schedule.alpha_bar(step.to);
    scale = std::sqrt(abar_s / abar_t);
    shift = std::sqrt(1 - abar_s) - scale * std::sqrt(1 - abar_t);
  }
  at::Tensor x_t(const at::Tensor& eps) const { return (x_s - shift * eps) / scale; }
  at::Tensor x0(const at::Tensor& eps) const {
    return (x_s - std::sqrt(1 - abar_s) * eps) / std::sqrt(abar_s);
  }

  int64_t t;
  at::Tensor x_s;
  double abar_s;
  double scale;
  double shift;
};

/// Sums over the elements of each image: [B, ...] to [B, 1, ...].
at::Tensor sum_per_image(const at::Tensor& x) {
  std::vector<int64_t> dimensions(static_cast<size_t>(x.dim()) - 1);
  std::iota(dimensions.begin(), dimensions.end(), 1);
  return x.sum(dimensions, /*keepdim=*/true);
}

at::Tensor root_mean_square(const at::Tensor& x) {
  return (sum_per_image(x.square()) / static_cast<double>(x[0].numel())).sqrt();
}

/// One step of the fixed-point iteration: with the network evaluated at `asked`, the equation gives x_t =
/// `given`.
struct Iterate {
  at::Tensor given;
  at::Tensor change;  // given - asked
};

/// Secant extrapolation to the x_t at which `change` vanishes.
at::Tensor extrapolated(const Iterate& before, const Iterate& now) {
  const auto difference = now.change - before.change;
  const auto squared = sum_per_image(difference.square());
  const auto weight = sum_per_image(now.change * difference) / squared.clamp_min(1e-30);
  constexpr double kLargest = 2;  // bound for two nearly equal changes, whose quotient is unreliable
  return now.given - weight.clamp(-kLargest, kLargest) * (now.given - before.given);
}

struct Solution {
  at::Tensor x_t;
  at::Tensor eps;          // noise estimate from which x_t was computed
  at::Tensor residual;     // [B, 1, ...]
  at::Tensor evaluations;  // int64 [B]
};

/// Solves the equation for x_t, starting from `guess`.
Solution solve(const Denoiser& denoiser, const StepEquation& equation, at::Tensor guess, double tolerance,
               int64_t max_evaluations) {
  const auto infinity = at::full_like(root_mean_square(guess), std::numeric_limits<double>::infinity());
  Solution best{.x_t = guess,
                .eps = {},
                .residual = infinity,
                .evaluations = at::zeros({guess.size(0)}, guess.options().dtype(at::kLong))};
  Iterate before;
  for (int64_t evaluation = 1;; ++evaluation) {
    best.evaluations += (best.residual >= tolerance).flatten();
    const auto eps = denoiser(guess, equation.t).eps;
    const auto given = equation.x_t(eps);
    const Iterate now{given, given - guess};
    const auto next = before.given.defined() ? extrapolated(before, now) : given;
    const auto residual = equation.scale * root_mean_square(now.change);
    const auto better = (residual < best.residual).logical_and(best.residual >= tolerance);
    best.x_t = at::where(better, next, best.x_t);
    best.eps = best.eps.defined() ? at::where(better, eps, best.eps) : eps;
    best.residual = at::where(better, residual, best.residual);
    if (evaluation >= max_evaluations || (best.residual < tolerance).all().item<bool>()) return best;
    before = now;
    guess = next;
  }
}

Inversion invert_by_equations(const Denoiser& denoiser, at::Tensor x, const NoiseSchedule& schedule,
                              const InversionOptions& options, const StepHook& hook) {
  const int64_t max_evaluations = options.method == InversionMethod::kPlain ? 1 : kMaxEvaluations;
  Inversion result;
  at::Tensor eps;
  int64_t index = 0;
  const auto steps = sampling_steps(schedule, options.steps);
  for (const auto& step : steps | std::views::reverse) {
    const StepEquation equation(schedule, step, x);
    const auto guess = eps.defined() ? equation.x_t(eps) : x;
    const Solution solution = solve(denoiser, equation, guess, options.tolerance, max_evaluations);
    x = solution.x_t;
    eps = solution.eps;
    const auto residual = solution.residual.flatten();
    result.residual = index == 0 ? residual : at::maximum(result.residual, residual);
    result.evaluations = index == 0 ? solution.evaluations : result.evaluations + solution.evaluations;
    if (hook) hook({index, step.from, x, equation.x0(eps)});
    ++index;
  }
  result.x_T = x;
  return result;
}

Inversion invert_as_reference(const Denoiser& denoiser, at::Tensor x, const NoiseSchedule& schedule,
                              const InversionOptions& options, const StepHook& hook) {
  check_inversion(options, schedule);
  const int64_t timesteps = schedule.timesteps();
  for (int64_t t = 0; t < timesteps; ++t) {
    const double abar = schedule.alpha_bar(t), abar_next = t + 1 < timesteps ? schedule.alpha_bar(t + 1) : 0;
    const at::Tensor eps = denoiser(x, t).eps;
    const auto clean = (x - std::sqrt(1 - abar) * eps) / std::sqrt(abar);
    x = std::sqrt(abar_next) * clean + std::sqrt(1 - abar_next) * eps;
    if (hook) hook({t, t, x, clean});
  }
  const auto unknown = at::full({x.size(0)}, kNaN, x.options());
  return {.x_T = x, .residual = unknown, .evaluations = at::full_like(unknown, timesteps, at::kLong)};
}

}  // namespace

void check_inversion(const InversionOptions& options, const NoiseSchedule& schedule) {
  check_step_count(schedule, options.steps);
  const int64_t timesteps = schedule.timesteps();
  if (options.method == InversionMethod::kReference && options.steps != timesteps) {
    throw ConfigError("inversion on the reference's timesteps: steps must be " + std::to_string(timesteps) +
                      ", all there are, got " + std::to_string(options.steps));
  }
}

Inversion invert_ddim(const Denoiser& denoiser, at::Tensor x0, const NoiseSchedule& schedule,
                      const InversionOptions& options, const StepHook& hook) {
  return options.method == InversionMethod::kReference
             ? invert_as_reference(denoiser, std::move(x0), schedule, options, hook)
             : invert_by_equations(denoiser, std::move(x0), schedule, options, hook);
}

}  // namespace patronus
