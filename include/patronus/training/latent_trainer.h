#pragma once
#include <ATen/core/Tensor.h>

#include "patronus/diffusion/latent_prior.h"
#include "patronus/run/latent_checkpoint.h"
#include "patronus/run/run_config.h"
#include "patronus/training/optimizer.h"
#include "patronus/training/training_step.h"

namespace patronus {

/// Trains the latent model of a run on normalised activation vectors (paper 3.4). Like `Trainer`, a restored
/// one goes on exactly as one that never stopped.
class LatentTrainer {
 public:
  /// Takes the section `latent` and the seed of `config`. `scale`: of the training activations.
  LatentTrainer(const RunConfig& config, const Standardizer& scale, int64_t total_steps, at::Device device);

  /// One optimiser step on `activations`, float32 [B, P].
  StepResult train_step(const at::Tensor& activations);

  /// Mean denoising loss of the averaged weights over `activations` [N, P], with levels spread evenly and
  /// noise from the seed: the same at every call.
  double loss_on(const at::Tensor& activations);

  bool weights_are_finite() const { return all_finite(parameters_); }
  /// Steps done.
  int64_t step() const { return step_; }
  double learning_rate() const { return learning_rate_at(config_.latent, step_, total_steps_); }

  LatentCheckpoint checkpoint(const LatentSource& source) const;
  /// ConfigError when the checkpoint does not fit the configuration.
  void restore(const LatentCheckpoint& checkpoint);

 private:
  at::Tensor denoising_loss(UNet1d& unet, const TrainingBatch& batch) const;
  bool has_average() const { return config_.latent.ema_decay > 0; }

  RunConfig config_;
  int64_t total_steps_;
  at::Device device_;
  Standardizer scale_;  // on the device
  Schedule schedule_;
  PredictionKind prediction_;
  UNet1d unet_;
  UNet1d average_;
  NamedTensors parameters_;
  NamedTensors average_parameters_;
  FusedAdamW optimizer_;
  int64_t step_ = 0;
};

}  // namespace patronus
