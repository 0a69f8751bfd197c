#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>

#include "diffusion/sampler_loops.h"

namespace patronus {

at::Tensor sample_ddim(const Denoiser& denoiser, at::Tensor x_t, const NoiseSchedule& schedule,
                       const SamplerSettings& settings, const SamplerCallbacks& callbacks) {
  TORCH_CHECK(settings.eta == 0 || callbacks.noise, "ddim with eta > 0 needs a source of noise");
  int64_t index = 0;
  for (const auto [t, next] : sampling_steps(schedule, settings.steps)) {
    const auto [x0, eps] = denoiser(x_t, t);
    const double abar = schedule.alpha_bar(t), abar_next = schedule.alpha_bar(next);
    // Song et al., eq. 16; 0 in the step to the clean image.
    const double sigma = settings.eta * std::sqrt((1 - abar_next) / (1 - abar) * (1 - abar / abar_next));
    // Rounding can make this negative where sigma is all of the noise.
    const double rest = std::max(0.0, 1 - abar_next - sigma * sigma);
    x_t = std::sqrt(abar_next) * x0 + std::sqrt(rest) * eps;
    if (sigma > 0) x_t = x_t + sigma * callbacks.noise(x_t);
    if (callbacks.step) callbacks.step({index++, t, x_t, x0});
  }
  return x_t;
}

}  // namespace patronus
