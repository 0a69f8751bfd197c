#include "patronus/training/latent_trainer.h"

#include <ATen/Functions.h>
#include <c10/core/GradMode.h>

#include "patronus/core/random.h"

namespace patronus {
namespace {

/// Initialised on the CPU, so that a seed gives the same weights on every device.
UNet1d unet1d_on(const RunConfig& config, at::Device device) {
  seed_default_generators(config.seed_for("latent weights"));
  UNet1d unet(config.latent.unet, config.latent.diffusion.timesteps);
  unet->to(device);
  return unet;
}

}  // namespace

at::Tensor latent_loss(UNet1d& unet, const TrainingBatch& batch, const NoiseSchedule& schedule,
                       PredictionKind prediction) {
  const auto noisy = noisy_images(batch.x0, batch.noise, batch.t, schedule, prediction);
  return at::mse_loss(unet(noisy.x_t, noisy.timesteps), noisy.target);
}

LatentTrainer::LatentTrainer(const RunConfig& config, const Standardizer& scale, int64_t total_steps,
                             at::Device device)
    : config_(config),
      device_(device),
      scale_{scale.mean.to(device), scale.deviation.to(device)},
      schedule_(config.latent.diffusion, device),
      prediction_(config.latent.diffusion.prediction),
      unet_(unet1d_on(config, device)),
      ema_(unet1d_on(config, device)),
      optimization_(
          config.latent, total_steps, unet_groups(trainable_tensors(module_state(*unet_)), config.latent),
          module_state(*unet_), module_state(*ema_),
          [this](const TrainingBatch& batch) {
            const auto loss = latent_loss(unet_, batch, schedule_, prediction_);
            loss.backward();
            return detach_losses({.total = loss, .denoising = loss, .distinct = {}, .decorrelation = {}});
          },
          uses_cuda_graphs(device)) {
  ema_->eval();
}

StepResult LatentTrainer::train_step(const at::Tensor& activations) {
  seed_default_generators(config_.seed_for("latent step", optimization_.steps()), device_);
  const auto z = scale_.transform(to_device(activations, device_)).unsqueeze(1);
  const auto t = at::randint(schedule_.timesteps(), {z.size(0)}, z.options().dtype(at::kLong));
  const TrainingBatch batch{z, t, at::randn_like(z)};
  return optimization_.step(batch);
}

double LatentTrainer::evaluate_loss(const at::Tensor& activations) {
  const c10::NoGradGuard no_grad;
  const auto z = scale_.transform(activations.to(device_)).unsqueeze(1);
  const auto t = stratified_timesteps(schedule_, z.size(0), config_.seed_for("latent test timesteps"));
  const auto noise = at::randn(z.sizes(), make_generator(config_.seed_for("latent test noise")));
  const TrainingBatch batch{z, t.to(device_), noise.to(device_)};
  return latent_loss(ema_, batch, schedule_, prediction_).item<double>();
}

LatentCheckpoint LatentTrainer::checkpoint(const LatentSource& source) const {
  return {.step = optimization_.steps(),
          .config = config_,
          .source = source,
          .mean = scale_.mean.cpu(),
          .deviation = scale_.deviation.cpu(),
          .model = optimization_.model(),
          .ema = optimization_.ema(),
          .optimizer = optimization_.optimizer()};
}

void LatentTrainer::restore(const LatentCheckpoint& checkpoint) {
  optimization_.restore(checkpoint.step, checkpoint.model, checkpoint.ema, checkpoint.optimizer);
  scale_ = {checkpoint.mean.to(device_), checkpoint.deviation.to(device_)};
}

}  // namespace patronus
