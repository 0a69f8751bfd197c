#pragma once
#include <cstdint>
#include <string>

#include "patronus/run/run_config.h"

namespace patronus {

/// Estimated costs of a training run, from a few steps on random images.
struct TrainingEstimate {
  int64_t encoder_parameters;
  int64_t unet_parameters;
  int64_t total_steps;
  double state_mib;         // weights, gradients, optimiser and moving average
  double checkpoint_mib;    // CPU copy of a checkpoint's content while it is written during training
  double peak_process_mib;  // peak CPU memory of the whole process after those steps
  double peak_gpu_mib;      // peak GPU memory; 0 on the CPU
  int64_t steps;            // number of timed steps
  double images_per_second;
  double hours;
};

/// Runs and times a few training steps on random images; writes nothing.
TrainingEstimate estimate_training(const RunConfig& config);

/// Describes parameters, memory, rate and duration, one per line.
std::string estimate_text(const TrainingEstimate& estimate);

}  // namespace patronus
