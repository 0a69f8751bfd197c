#include "patronus/diffusion/conditional_gain.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <vector>

#include "patronus/core/random.h"

namespace patronus {

at::Tensor denoising_losses(PatronusModel& model, const NoisyImages& images, const at::Tensor& activations,
                            int64_t batch_size) {
  const c10::NoGradGuard no_grad;
  std::vector<at::Tensor> losses;
  for (int64_t first = 0; first < images.x_t.size(0); first += batch_size) {
    const auto part = [&](const at::Tensor& all) { return all.slice(0, first, first + batch_size); };
    const auto output = model.unet->forward(part(images.x_t), part(images.timesteps), part(activations));
    const auto squared = (output.to(at::kFloat) - part(images.target)).square();
    losses.push_back(squared.flatten(1).to(at::kDouble).mean(1).cpu());
  }
  return at::cat(losses);
}

ConditionalGain conditional_gain(PatronusModel& model, const NoiseSchedule& schedule,
                                 PredictionKind prediction, const at::Tensor& images, uint64_t seed,
                                 int64_t batch_size) {
  const c10::NoGradGuard no_grad;
  const int64_t count = images.size(0);
  std::vector<at::Tensor> encoded;
  for (const auto& batch : encoder_batches(images)) {
    encoded.push_back(model.encoder->forward(batch).activation);
  }
  const auto activations = at::cat(encoded);
  const auto timesteps = stratified_timesteps(schedule, count, seed).to(images.device());
  const auto noise = noise_per_image(image_seeds(seed, "conditional gain", 0, count))(images);
  const auto noisy = noisy_images(images, noise, timesteps, schedule, prediction);
  const auto others = random_derangement(count, derive_seed(seed, "another image")).to(images.device());
  const auto loss = [&](const at::Tensor& condition) {
    return denoising_losses(model, noisy, condition, batch_size).mean().item<double>();
  };
  return {.loss_own = loss(activations),
          .loss_shuffled = loss(activations.index_select(0, others)),
          .loss_mean = loss(activations.mean(0, true).expand_as(activations))};
}

}  // namespace patronus
