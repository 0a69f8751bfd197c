#pragma once
#include <ATen/core/Tensor.h>

#include "patronus/diffusion/latent_prior.h"
#include "patronus/run/latent_checkpoint.h"
#include "patronus/run/run_config.h"
#include "patronus/training/optimization.h"

namespace patronus {

/// Mean squared error of the latent network's output for normalised vectors `batch.x0` [B, 1, P].
at::Tensor latent_loss(UNet1d& unet, const TrainingBatch& batch, const NoiseSchedule& schedule,
                       PredictionKind prediction);

/// Trains the latent model of a run on normalised activation vectors (paper 3.4). As with `Trainer`, a
/// restored one continues exactly like one that was not interrupted.
class LatentTrainer {
 public:
  /// Uses the section `latent` and the seed of `config`. `scale`: fitted to the training activations.
  LatentTrainer(const RunConfig& config, const Standardizer& scale, int64_t total_steps, at::Device device);

  /// Takes one optimiser step on `activations`, float32 [B, P].
  StepResult train_step(const at::Tensor& activations);

  /// Mean denoising loss of the EMA weights over `activations` [N, P], with evenly spread timesteps and noise
  /// from the seed, so that calls are comparable.
  double evaluate_loss(const at::Tensor& activations);

  /// Number of steps done, learning rate of the next one, and weights.
  const Optimization& optimization() const { return optimization_; }

  LatentCheckpoint checkpoint(const LatentSource& source) const;
  /// Continues from a checkpoint. Throws ConfigError if it does not fit the configuration.
  void restore(const LatentCheckpoint& checkpoint);

 private:
  RunConfig config_;
  at::Device device_;
  Standardizer scale_;  // on the device
  NoiseSchedule schedule_;
  PredictionKind prediction_;
  UNet1d unet_;
  UNet1d ema_;
  Optimization optimization_;
};

}  // namespace patronus
