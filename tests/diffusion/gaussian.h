#pragma once
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <cmath>

#include "patronus/core/random.h"
#include "patronus/diffusion/denoiser.h"
#include "patronus/diffusion/noise_schedule.h"

namespace patronus::test {

/// Images whose pixels are independent N(mean, deviation^2): everything about their diffusion is known
/// exactly.
struct Gaussian {
  double mean = 0.3;
  double deviation = 0.5;

  /// Variance of x_t.
  double variance(double abar) const { return abar * deviation * deviation + 1 - abar; }
  /// E[x0 | x_t] = slope x_t + offset.
  double x0_slope(double abar) const { return std::sqrt(abar) * deviation * deviation / variance(abar); }
  double x0_offset(double abar) const { return mean * (1 - x0_slope(abar) * std::sqrt(abar)); }

  Prediction predict(const at::Tensor& x_t, double abar) const {
    const auto x0 = x0_slope(abar) * x_t + x0_offset(abar);
    return {x0, (x_t - std::sqrt(abar) * x0) / std::sqrt(1 - abar)};
  }
  Denoiser denoiser(const NoiseSchedule& schedule) const {
    return
        [*this, schedule](const at::Tensor& x_t, int64_t t) { return predict(x_t, schedule.alpha_bar(t)); };
  }
  /// Where the probability-flow ODE takes x from one timestep to another.
  at::Tensor flow(const at::Tensor& x, double abar_from, double abar_to) const {
    const double stretch = std::sqrt(variance(abar_to) / variance(abar_from));
    return std::sqrt(abar_to) * mean + stretch * (x - std::sqrt(abar_from) * mean);
  }
};

/// Mean and deviation of a population that an affine step with fresh noise acts upon.
struct Population {
  double mean = 0;
  double deviation = 1;

  Population after(double slope, double offset, double noise) const {
    return {slope * mean + offset, std::sqrt(slope * slope * deviation * deviation + noise * noise)};
  }
};

inline NoiseSchedule linear_schedule(int64_t timesteps) {
  return NoiseSchedule({.timesteps = timesteps});
}

inline at::Tensor normal_images(int64_t count, uint64_t seed) {
  return at::randn({count, 1, 2, 2}, make_generator(seed), at::kDouble);
}

/// Noise in double from one generator.
inline NoiseSource normal_noise(uint64_t seed) {
  return [generator = make_generator(seed)](const at::Tensor& like) {
    return at::randn(like.sizes(), generator, like.options());
  };
}

inline double root_mean_square(const at::Tensor& x) {
  return x.square().mean().sqrt().item<double>();
}

}  // namespace patronus::test
