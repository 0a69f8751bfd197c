#include "patronus/diffusion/reconstruct.h"

#include <ATen/Functions.h>

#include "patronus/diffusion/samplers.h"

namespace patronus {
namespace {

/// Noise for variation number `index` of every image, from the images' own seeds.
at::Tensor variation_noise(const at::Tensor& images, const std::vector<uint64_t>& seeds, int64_t index) {
  std::vector<uint64_t> chosen;
  for (const uint64_t seed : seeds)
    chosen.push_back(derive_seed(seed, "variation", static_cast<uint64_t>(index)));
  return noise_per_image(chosen)(images);
}

}  // namespace

Reconstruction reconstruct(const ConditionalDenoiser& model, const at::Tensor& images,
                           const at::Tensor& activations, const Schedule& schedule,
                           const ReconstructOptions& options) {
  const auto exact = model(activations, Precision::kFloat32);
  const auto denoiser = model(activations, options.precision);
  const DdimOptions ddim{.steps = options.steps};

  Reconstruction result;
  result.x_T = invert_ddim(exact, images, schedule, {.steps = options.steps});
  result.image = sample_ddim(exact, result.x_T, schedule, ddim);
  std::vector<at::Tensor> variations;
  for (int64_t v = 0; v < options.variations; ++v) {
    const auto noise = variation_noise(images, options.seeds, v);
    variations.push_back(sample_ddim(denoiser, noise, schedule, ddim));
  }
  auto shape = images.sizes().vec();
  shape.insert(shape.begin() + 1, 0);
  result.variations = variations.empty() ? at::empty(shape, images.options()) : at::stack(variations, 1);
  return result;
}

}  // namespace patronus
