#include <ATen/TensorOperators.h>

#include <cmath>

#include "patronus/diffusion/samplers.h"

namespace patronus {

at::Tensor sample_ddim(const Denoiser& denoiser, at::Tensor x_t, const Schedule& schedule,
                       const DdimOptions& options, const StepHook& hook) {
  TORCH_CHECK(options.eta == 0 || options.noise, "sample_ddim with eta > 0 needs a source of noise");
  int64_t index = 0;
  for (const auto [t, next] : sampling_steps(schedule, options.steps)) {
    const auto [x0, eps] = denoiser(x_t, t);
    const double abar = schedule.alpha_bar(t), abar_next = schedule.alpha_bar(next);
    // Song et al., eq. 16; 0 in the step to the clean image
    const double sigma = options.eta * std::sqrt((1 - abar_next) / (1 - abar) * (1 - abar / abar_next));
    x_t = std::sqrt(abar_next) * x0 + std::sqrt(1 - abar_next - sigma * sigma) * eps;
    if (sigma > 0) x_t = x_t + sigma * options.noise(x_t);
    if (hook) hook({index++, t, x_t, x0});
  }
  return x_t;
}

}  // namespace patronus
