#include <ATen/TensorOperators.h>

#include <cmath>

#include "diffusion/sampler_loops.h"

namespace patronus {

at::Tensor ddpm_mean(const at::Tensor& x_t, const at::Tensor& eps, const NoiseSchedule& schedule, int64_t t) {
  const double beta = schedule.beta(t);
  const double scale = 1 / std::sqrt(1 - beta);
  return scale * x_t - (scale * beta / std::sqrt(1 - schedule.alpha_bar(t))) * eps;
}

at::Tensor sample_ddpm(const Denoiser& denoiser, at::Tensor x_t, const NoiseSchedule& schedule,
                       const SamplerCallbacks& callbacks) {
  TORCH_CHECK(callbacks.noise, "ddpm needs a source of noise");
  const int64_t first = schedule.timesteps() - 1;
  for (int64_t t = first; t >= 0; --t) {
    const auto [x0, eps] = denoiser(x_t, t);
    x_t = ddpm_mean(x_t, eps, schedule, t);
    if (t > 0) x_t = x_t + std::sqrt(schedule.beta(t)) * callbacks.noise(x_t);
    if (callbacks.step) callbacks.step({first - t, t, x_t, x0});
  }
  return x_t;
}

}  // namespace patronus
