#include "patronus/diffusion/conditional_gain.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include "patronus/core/random.h"

namespace patronus {

ConditionalGain conditional_gain(PatronusModel& model, const Schedule& schedule, PredictionKind prediction,
                                 const at::Tensor& images, uint64_t seed) {
  const c10::NoGradGuard no_grad;
  constexpr int64_t kBatch = 64;
  const int64_t count = images.size(0);
  const auto activations = model.encoder->forward(images).activation;
  const auto levels = at::linspace(0, static_cast<double>(schedule.timesteps() - 1), count, at::kDouble)
                          .round()
                          .to(images.options().dtype(at::kLong));
  const auto noise = noise_per_image(image_seeds(seed, "conditional gain", 0, count))(images);
  const auto x_t = schedule.add_noise(images, noise, levels);
  const auto target = denoising_target(images, noise, levels, schedule, prediction);

  const auto loss = [&](const at::Tensor& condition) {
    double sum = 0;
    for (int64_t first = 0; first < count; first += kBatch) {
      const int64_t end = std::min(count, first + kBatch);
      const auto output = model.unet->forward(x_t.slice(0, first, end), levels.slice(0, first, end),
                                              condition.slice(0, first, end));
      sum += at::mse_loss(output.to(at::kFloat), target.slice(0, first, end)).item<double>() *
             static_cast<double>(end - first);
    }
    return sum / static_cast<double>(count);
  };
  return {.loss_own = loss(activations),
          .loss_shuffled = loss(activations.roll(1, 0)),
          .loss_mean = loss(activations.mean(0, true).expand_as(activations))};
}

}  // namespace patronus
