#pragma once
#include <string>
#include <vector>

#include "patronus/run/run_config.h"

namespace patronus::test {

/// Settings of a run that takes a second: tiny networks, few faces, dropout and all optional features on.
inline std::vector<std::string> small_settings() {
  return {"data.faces.train_images=64",
          "data.faces.test_images=16",
          "model.encoder.channels=[4, 8, 8, 16]",
          "model.prototypes.count=6",
          "model.prototypes.init=data",
          "model.prototypes.scale=inverse_sqrt",
          "model.prototypes.standardize=true",
          "model.unet.base_channels=8",
          "model.unet.multipliers=[1, 2]",
          "model.unet.residual_blocks=1",
          "model.unet.unshuffle=2",
          "diffusion.prediction=v",
          "training.batch_size=8",
          "training.max_steps=12",
          "training.learning_rate=0.003",
          "training.learning_rate_schedule=cosine",
          "training.warmup_steps=3",
          "training.clip_gradient=1",
          "training.ema_decay=0.9",
          "training.horizontal_flip=true",
          "training.distinct_weight=0.01",
          "training.decorrelation_weight=0.02",
          "training.log_every=2",
          "training.sample_every=0",
          "training.sample_images=2",
          "training.checkpoint_every=4",
          "sampling.steps=5",
          "latent.unet.base_channels=8",
          "latent.unet.multipliers=[1, 2, 2]",
          "latent.unet.residual_blocks=1",
          "latent.diffusion.timesteps=30",
          "latent.batch_size=16",
          "latent.max_steps=12",
          "latent.learning_rate=0.003",
          "latent.clip_gradient=1",
          "latent.ema_decay=0.9",
          "latent.log_every=2",
          "latent.checkpoint_every=4"};
}

inline RunConfig small_run() {
  return load_run_config({}, small_settings());
}

}  // namespace patronus::test
