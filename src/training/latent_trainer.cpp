#include "patronus/training/latent_trainer.h"

#include <ATen/Functions.h>
#include <c10/core/GradMode.h>

#include "patronus/core/random.h"

namespace patronus {
namespace {

/// Initialised on the CPU, so that a seed gives the same weights on every device.
UNet1d unet1d_on(const RunConfig& config, at::Device device) {
  seed_default_generators(derive_seed(static_cast<uint64_t>(config.seed), "latent weights"));
  UNet1d unet(config.latent.unet, config.latent.diffusion.timesteps);
  unet->to(device);
  return unet;
}

NamedTensors trained_parameters(const UNet1d& unet) {
  auto parameters = module_state(*unet);
  std::erase_if(parameters, [](const auto& item) { return !item.second.requires_grad(); });
  return parameters;
}

}  // namespace

LatentTrainer::LatentTrainer(const RunConfig& config, const Standardizer& scale, int64_t total_steps,
                             at::Device device)
    : config_(config),
      total_steps_(total_steps),
      device_(device),
      scale_{scale.mean.to(device), scale.deviation.to(device)},
      schedule_(config.latent.diffusion, device),
      prediction_(config.latent.diffusion.prediction),
      unet_(unet1d_on(config, device)),
      average_(unet1d_on(config, device)),
      parameters_(trained_parameters(unet_)),
      average_parameters_(trained_parameters(average_)),
      optimizer_({{parameters_, 1}}, {.weight_decay = config.latent.weight_decay}) {
  average_->eval();
}

at::Tensor LatentTrainer::denoising_loss(UNet1d& unet, const TrainingBatch& batch) const {
  const auto x_t = schedule_.add_noise(batch.x0, batch.noise, batch.t);
  return at::mse_loss(unet(x_t, batch.t),
                      denoising_target(batch.x0, batch.noise, batch.t, schedule_, prediction_));
}

StepResult LatentTrainer::train_step(const at::Tensor& activations) {
  seed_default_generators(
      derive_seed(static_cast<uint64_t>(config_.seed), "latent step", static_cast<uint64_t>(step_)), device_);
  const auto z = scale_.standardized(activations.to(device_)).unsqueeze(1);
  const auto t = at::randint(schedule_.timesteps(), {z.size(0)}, z.options().dtype(at::kLong));
  StepResult result;
  result.losses.denoising = denoising_loss(unet_, {z, t, at::randn_like(z)});
  result.losses.total = result.losses.denoising;
  optimizer_.zero_gradients();
  result.losses.total.backward();
  result.gradient_norm = optimizer_.clip_gradients(config_.latent.clip_gradient);
  optimizer_.step(learning_rate());
  ++step_;
  if (has_average()) {
    update_average(average_parameters_, parameters_, average_decay(config_.latent.ema_decay, step_));
  }
  return result;
}

double LatentTrainer::loss_on(const at::Tensor& activations) {
  const c10::NoGradGuard no_grad;
  if (!has_average()) load_tensors(average_parameters_, parameters_);
  const auto z = scale_.standardized(activations.to(device_)).unsqueeze(1);
  const int64_t count = z.size(0);
  const auto t = (at::arange(count, at::kLong) * schedule_.timesteps()).floor_divide(count);
  const auto noise = at::randn(
      z.sizes(), make_generator(derive_seed(static_cast<uint64_t>(config_.seed), "latent test noise")));
  const TrainingBatch batch{z, t.to(device_), noise.to(device_)};
  return denoising_loss(average_, batch).item<double>();
}

LatentCheckpoint LatentTrainer::checkpoint(const LatentSource& source) const {
  return {.step = step_,
          .config = config_,
          .source = source,
          .mean = scale_.mean.cpu(),
          .deviation = scale_.deviation.cpu(),
          .model = module_state(*unet_),
          .ema = has_average() ? module_state(*average_) : NamedTensors{},
          .optimizer = optimizer_.state()};
}

void LatentTrainer::restore(const LatentCheckpoint& checkpoint) {
  load_tensors(module_state(*unet_), checkpoint.model);
  load_tensors(module_state(*average_), checkpoint.ema.empty() ? checkpoint.model : checkpoint.ema);
  optimizer_.load_state(checkpoint.optimizer);
  scale_ = {checkpoint.mean.to(device_), checkpoint.deviation.to(device_)};
  step_ = checkpoint.step;
}

}  // namespace patronus
