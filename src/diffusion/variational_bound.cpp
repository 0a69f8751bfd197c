#include "patronus/diffusion/variational_bound.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <numbers>

#include "patronus/core/error.h"

namespace patronus {
namespace {

constexpr double kHalfGrey = 1.0 / 255;  // half the distance between grey levels

/// Converts nats to bits and averages over all dimensions but the first.
at::Tensor bits_a_dimension(const at::Tensor& nats) {
  return nats.flatten(1).mean(1).cpu() / std::numbers::ln2;
}

/// KL(q(x_T | x0) || N(0, I)).
at::Tensor prior_bits(const at::Tensor& x0, const NoiseSchedule& schedule) {
  const double alpha_bar = schedule.alpha_bar(schedule.timesteps() - 1);
  return bits_a_dimension(0.5 * (alpha_bar * x0.square() - alpha_bar - std::log(1 - alpha_bar)));
}

/// Negative log of the mass that a Gaussian around `mean` gives to each pixel's grey level; the outermost
/// levels extend to infinity. For precision, works with log-probabilities in the lower tail, reflecting
/// pixels above the mean.
at::Tensor decoder_bits(const at::Tensor& x0, const at::Tensor& mean, double variance) {
  const double scale = 1 / std::sqrt(variance);
  const auto reflect = at::where(x0 > mean, -1.0, 1.0);
  const auto grey = reflect * x0, offset = reflect * (x0 - mean);
  const auto reaches_up = grey > 1 - kHalfGrey, reaches_down = grey < kHalfGrey - 1;
  const auto log_below_high = at::where(reaches_up, 0.0, at::special_log_ndtr(scale * (offset + kHalfGrey)));
  const auto log_below_low =
      at::where(reaches_down, -INFINITY, at::special_log_ndtr(scale * (offset - kHalfGrey)));
  return bits_a_dimension(-(log_below_high + at::log1p(-at::exp(log_below_low - log_below_high))));
}

/// KL(q(x_to | x_from, x0) || p(x_to | x_from)), where p has the mean of q with `estimate` in place of x0,
/// and the forward step's variance.
at::Tensor step_bits(const at::Tensor& x0, const at::Tensor& estimate, const NoiseSchedule& schedule,
                     SamplerStep step) {
  const double abar_from = schedule.alpha_bar(step.from), abar_to = schedule.alpha_bar(step.to);
  const double beta = 1 - abar_from / abar_to;
  const double shrinkage = (1 - abar_to) / (1 - abar_from);  // posterior's variance / forward step's
  const double weight = 0.5 * abar_to * beta / ((1 - abar_from) * (1 - abar_from));
  return bits_a_dimension(0.5 * (shrinkage - 1 - std::log(shrinkage)) + weight * (x0 - estimate).square());
}

}  // namespace

at::Tensor VariationalBound::bits() const {
  return prior + terms.sum(1);
}

VariationalBound variational_bound(const Denoiser& denoiser, const at::Tensor& x0, const NoiseSource& noise,
                                   const NoiseSchedule& schedule, int64_t steps) {
  const c10::NoGradGuard no_grad;
  if (steps < 2) throw ConfigError("bound over " + std::to_string(steps) + " steps: expected at least 2");
  const auto image = x0.to(at::kDouble);
  VariationalBound bound;
  bound.prior = prior_bits(image, schedule);
  std::vector<at::Tensor> terms, errors;
  for (const auto& [from, to] : sampling_steps(schedule, steps, Spacing::kLogSnr)) {
    const double signal = std::sqrt(schedule.alpha_bar(from)),
                 spread = std::sqrt(1 - schedule.alpha_bar(from));
    const auto estimate = denoiser(signal * x0 + spread * noise(x0), from).x0.to(at::kDouble);
    const auto clipped = estimate.clamp(-1, 1);
    bound.timesteps.push_back(from);
    errors.push_back((image - estimate).square().flatten(1).mean(1).cpu());
    terms.push_back(to < 0 ? decoder_bits(image, clipped, 1 - schedule.alpha_bar(from))
                           : step_bits(image, clipped, schedule, {from, to}));
  }
  bound.terms = at::stack(terms, 1);
  bound.x0_error = at::stack(errors, 1);
  return bound;
}

}  // namespace patronus
