#pragma once
#include <cstdint>
#include <string>

#include "patronus/run/run_config.h"

namespace patronus {

/// What a run would cost, from a few steps on random images.
struct TrainingEstimate {
  int64_t encoder_parameters;
  int64_t unet_parameters;
  int64_t total_steps;
  double state_mib;         // weights, gradients, optimiser and average
  double checkpoint_mib;    // the CPU's copy of what a checkpoint holds, while it is written beside training
  double peak_process_mib;  // of the whole process on the CPU, after those steps
  double peak_gpu_mib;      // of the GPU's memory; 0 on the CPU
  int64_t steps;            // that were timed
  double images_per_second;
  double hours;
};

/// Takes a few steps of the training on random images and times them; nothing is written.
TrainingEstimate estimate_training(const RunConfig& config);

/// Parameters, memory, rate and length for people, a line each.
std::string estimate_text(const TrainingEstimate& estimate);

}  // namespace patronus
