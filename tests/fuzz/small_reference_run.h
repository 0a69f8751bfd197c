#pragma once
#include "patronus/run/run_config.h"

namespace patronus::test {

/// A run that the reference can represent, as small as they get.
inline RunConfig small_reference_run() {
  RunConfig config;
  config.data.kind = DataKind::kFashionMnist;
  config.data.channels = 1;
  config.data.size = 16;
  config.model.encoder = {.channels = {2}, .kernels = {2}, .strides = {2}, .paddings = {0}};
  config.model.prototypes.count = 2;
  config.model.unet.base_channels = 8;
  config.model.unet.multipliers = {1};
  config.model.unet.attention_levels = {};
  config.model.unet.residual_blocks = 2;
  config.training.ema_decay = 0;
  return config;
}

}  // namespace patronus::test
