#include "patronus/training/training_step.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

namespace patronus {

TrainingBatch draw_training_batch(const at::Tensor& images, int64_t timesteps, bool flip) {
  auto x0 = images;
  if (flip) {
    const auto mirrored = at::rand({x0.size(0), 1, 1, 1}, x0.options()) < 0.5;
    x0 = at::where(mirrored, x0.flip(3), x0);
  }
  x0 = x0.contiguous(at::MemoryFormat::ChannelsLast);
  auto t = at::randint(timesteps, {x0.size(0)}, x0.options().dtype(at::kLong));
  return {x0, t, at::randn_like(x0)};
}

Losses training_losses(PatronusModel& model, const Schedule& schedule, const TrainingBatch& batch,
                       const LossOptions& options, DecorrelationPenalty* decorrelation) {
  const auto activations =
      model.unet->is_conditional() ? model.encoder->forward(batch.x0).activation : at::Tensor();
  const auto x_t = schedule.add_noise(batch.x0, batch.noise, batch.t);
  at::Tensor output;
  {
    const AutocastGuard autocast(x_t.device().type(), options.precision);
    output = model.unet->forward(x_t, batch.t, activations);
  }
  const auto target = denoising_target(batch.x0, batch.noise, batch.t, schedule, options.prediction);
  Losses losses;
  losses.denoising = at::mse_loss(output.to(at::kFloat), target);
  losses.total = options.denoising_weight * losses.denoising;
  if (options.distinct_weight > 0) {
    losses.distinct = distinct_loss(model.encoder->prototypes(), options.distinct_margin);
    losses.total = losses.total + options.distinct_weight * losses.distinct;
  }
  if (options.decorrelation_weight > 0) {
    losses.decorrelation = (*decorrelation)(activations);
    losses.total = losses.total + options.decorrelation_weight * losses.decorrelation;
  }
  return losses;
}

}  // namespace patronus
