#include "training/reference_implementation.h"

#include <ATen/Functions.h>
#include <c10/core/GradMode.h>

#include <vector>

#include "patronus/training/training_step.h"
#include "training/measure.h"

namespace patronus {

ReferenceImplementation::ReferenceImplementation(const RunConfig& config, at::Device device)
    : model_(make_model(config)),
      schedule_(config.diffusion, device),
      prediction_(config.diffusion.prediction),
      distinct_margin_(config.training.distinct_margin) {
  model_.to(device);
  std::vector<at::Tensor> parameters;
  for (const auto& named : model_.parameters()) parameters.push_back(named.second);
  optimizer_ = std::make_unique<torch::optim::AdamW>(parameters, torch::optim::AdamWOptions(1e-5));
}

double ReferenceImplementation::train(const at::Tensor& images) {
  model_.train();
  const TrainingBatch batch{
      images, at::randint(schedule_.timesteps(), {images.size(0)}, images.options().dtype(at::kLong)),
      at::randn_like(images)};
  // The reference always computes the distinct loss; its default weight is 0.
  const Losses losses = training_losses(model_, schedule_, batch,
                                        {.prediction = prediction_, .distinct_margin = distinct_margin_});
  const auto total = losses.total + 0 * distinct_loss(model_.encoder->prototypes(), distinct_margin_);
  optimizer_->zero_grad();
  total.backward();
  optimizer_->step();
  wait_for(total);
  return static_cast<double>(images.size(0));
}

at::Tensor ReferenceImplementation::activations(const at::Tensor& images) {
  const c10::NoGradGuard no_grad;
  return model_.encoder->forward(images).activation;
}

double ReferenceImplementation::evaluate(const at::Tensor& images, const at::Tensor& t,
                                         const at::Tensor& activations) {
  const c10::NoGradGuard no_grad;
  model_.eval();
  at::Tensor output;
  for (int64_t i = 0; i < launches_per_wait(images.device()); ++i)
    output = model_.unet->forward(images, t, activations);
  wait_for(output);
  return static_cast<double>(launches_per_wait(images.device()) * images.size(0));
}

}  // namespace patronus
