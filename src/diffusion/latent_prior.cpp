#include "patronus/diffusion/latent_prior.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include "patronus/diffusion/denoiser.h"
#include "patronus/diffusion/objective.h"

namespace patronus {
namespace {

/// Denoiser of normalised vectors [B, 1, P], evaluated in fp32 without gradients.
Denoiser latent_denoiser(const LatentPrior& prior) {
  TORCH_CHECK(!prior.unet->is_training(), "the network must be in evaluation mode to sample");
  return [prior = prior](const at::Tensor& x_t, int64_t t) mutable {
    const c10::NoGradGuard no_grad;
    const auto timesteps = at::full({x_t.size(0)}, t, x_t.options().dtype(at::kLong));
    const auto output = prior.unet->forward(x_t, timesteps);
    return to_prediction(output, x_t, prior.schedule.alpha_bar(t), prior.prediction);
  };
}

}  // namespace

at::Tensor sample_latents(const LatentPrior& prior, const std::vector<uint64_t>& seeds,
                          const SamplerSettings& settings) {
  const c10::NoGradGuard no_grad;
  const auto& mean = prior.scale.mean;
  const NoiseSource noise = noise_per_image(seeds);
  const auto x_T = noise(at::empty({std::ssize(seeds), 1, mean.size(0)}, mean.options()));
  return prior.scale.inverse_transform(
      sample(latent_denoiser(prior), x_T, prior.schedule, settings, {.noise = noise}).squeeze(1));
}

}  // namespace patronus
