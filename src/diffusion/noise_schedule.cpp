#include "patronus/diffusion/noise_schedule.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "patronus/core/error.h"
#include "patronus/core/random.h"

namespace patronus {
namespace {

std::vector<double> linear_betas(int64_t timesteps) {
  const double scale = 1000.0 / static_cast<double>(timesteps);
  std::vector<double> betas;
  for (int64_t t = 0; t < timesteps; ++t) {
    betas.push_back(scale *
                    std::lerp(1e-4, 0.02, static_cast<double>(t) / static_cast<double>(timesteps - 1)));
  }
  return betas;
}

/// Squared-cosine abar (Nichol and Dhariwal 2021, eq. 17); beta is capped to keep abar above 0.
std::vector<double> cosine_betas(int64_t timesteps) {
  constexpr double kOffset = 0.008;
  constexpr double kLargestBeta = 0.999;
  const auto alpha_bar = [&](int64_t t) {
    const double time = (static_cast<double>(t) / static_cast<double>(timesteps) + kOffset) / (1 + kOffset);
    return std::pow(std::cos(time * std::numbers::pi / 2), 2);
  };
  std::vector<double> betas;
  for (int64_t t = 0; t < timesteps; ++t) {
    betas.push_back(std::min(1 - alpha_bar(t + 1) / alpha_bar(t), kLargestBeta));
  }
  return betas;
}

std::vector<int64_t> timesteps_even_in_time(int64_t last_timestep, int64_t steps) {
  std::vector<int64_t> timesteps{last_timestep};
  const int64_t gaps = steps - 1;
  for (int64_t left = gaps - 1; left >= 0; --left) {
    timesteps.push_back((2 * last_timestep * left + gaps) /
                        (2 * gaps));  // last_timestep * left / gaps, rounded
  }
  return timesteps;
}

std::vector<int64_t> timesteps_even_in_log_snr(const NoiseSchedule& schedule, int64_t steps) {
  const int64_t last_timestep = schedule.timesteps() - 1;
  const double lowest = schedule.half_log_snr(last_timestep), highest = schedule.half_log_snr(0);
  std::vector<int64_t> timesteps{last_timestep};
  for (int64_t i = 1; i < steps; ++i) {
    const double wanted = std::lerp(lowest, highest, static_cast<double>(i) / static_cast<double>(steps - 1));
    const auto distance = [&](int64_t t) { return std::abs(schedule.half_log_snr(t) - wanted); };
    const int64_t timesteps_to_come = steps - 1 - i;
    int64_t t = timesteps.back() - 1;
    while (t > timesteps_to_come && distance(t - 1) <= distance(t)) --t;
    timesteps.push_back(t);
  }
  return timesteps;
}

std::vector<double> betas(const DiffusionConfig& config) {
  switch (config.schedule) {
    case BetaSchedule::kLinear:
      return linear_betas(config.timesteps);
    case BetaSchedule::kCosine:
      return cosine_betas(config.timesteps);
  }
  TORCH_CHECK(false, "no such schedule");
}

}  // namespace

NoiseSchedule::NoiseSchedule(const DiffusionConfig& config, at::Device device) : beta_(betas(config)) {
  double product = 1;
  for (const double beta : beta_) alpha_bar_.push_back(product *= 1 - beta);
  const auto alpha_bar = alpha_bars();
  factors_ = at::stack({alpha_bar.sqrt(), (1 - alpha_bar).sqrt()}).to(device);
}

double NoiseSchedule::half_log_snr(int64_t t) const {
  if (t < 0) return std::numeric_limits<double>::infinity();
  return 0.5 * std::log(alpha_bar(t) / (1 - alpha_bar(t)));
}

at::Tensor NoiseSchedule::alpha_bars() const {
  return at::tensor(alpha_bar_, at::kDouble);
}

NoiseSchedule::Factors NoiseSchedule::factors(const at::Tensor& t, const at::Tensor& images) const {
  std::vector<int64_t> shape(static_cast<size_t>(images.dim()) + 1, 1);
  shape[0] = 2;
  shape[1] = t.size(0);
  const auto rows = factors_.to(images.device()).index_select(1, t).to(images.scalar_type()).view(shape);
  return {rows[0], rows[1]};
}

at::Tensor NoiseSchedule::add_noise(const at::Tensor& x0, const at::Tensor& noise,
                                    const at::Tensor& t) const {
  const auto factor = factors(t, x0);
  return factor.signal * x0 + factor.noise * noise;
}

void check_step_count(const NoiseSchedule& schedule, int64_t steps) {
  const int64_t timesteps = schedule.timesteps();
  if (steps < 1 || steps > timesteps) {
    throw ConfigError("steps " + std::to_string(steps) + ": expected 1 to " + std::to_string(timesteps) +
                      " (diffusion.timesteps)");
  }
}

std::vector<int64_t> step_timesteps(const NoiseSchedule& schedule, int64_t steps, Spacing spacing) {
  check_step_count(schedule, steps);
  return spacing == Spacing::kTime ? timesteps_even_in_time(schedule.timesteps() - 1, steps)
                                   : timesteps_even_in_log_snr(schedule, steps);
}

std::vector<SamplerStep> sampling_steps(const NoiseSchedule& schedule, int64_t steps, Spacing spacing) {
  const auto timesteps = step_timesteps(schedule, steps, spacing);
  std::vector<SamplerStep> result;
  for (size_t i = 0; i < timesteps.size(); ++i) {
    result.push_back({timesteps[i], i + 1 < timesteps.size() ? timesteps[i + 1] : -1});
  }
  return result;
}

at::Tensor stratified_timesteps(const NoiseSchedule& schedule, int64_t count, uint64_t seed) {
  const auto order = random_permutation(count, derive_seed(seed, "timesteps"));
  const auto ascending = at::linspace(0, static_cast<double>(schedule.timesteps() - 1), count, at::kDouble);
  return ascending.round().to(at::kLong).index_select(0, order);
}

}  // namespace patronus
