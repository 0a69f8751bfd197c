#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

#include "patronus/analysis/emergence.h"
#include "patronus/diffusion/samplers.h"

namespace patronus {

/// Encodings of a sampler's clean-image estimates, clamped to [-1, 1], step by step.
struct Trajectory {
  at::Tensor activation;  // float32 [B, S, P] on the CPU
  at::Tensor image;       // float32 [B, C, S, S] on the CPU, the last estimate
};
/// Called with each step's clean-image estimate, clamped to [-1, 1]: [B, C, S, S] on the device.
using EstimateHook = std::function<void(int64_t step, const at::Tensor& x0)>;

/// Runs DDIM on the model's device from `x_T` [B, C, S, S] (any device) and encodes the estimate of every
/// step.
Trajectory encode_trajectory(TrainedModel& trained, const Denoiser& denoiser, const at::Tensor& x_T,
                             int64_t steps, const EstimateHook& hook = {});

/// Timesteps at which emergence is measured.
struct EmergenceTimesteps {
  std::vector<int64_t> steps;  // [S], timesteps of the network evaluations, falling from T-1
  std::vector<int64_t> late;   // [L], those of `steps` at which late edits start
};
EmergenceTimesteps emergence_timesteps(const TrainedModel& trained, const EmergenceOptions& options);

/// Result of DDIM with `steps` steps if the edit starts only at timestep `start`, one of theirs: runs the
/// edited denoiser from `state`, the x_t that was reached there without the edit. `state` and result: [B, C,
/// S, S] on the device.
at::Tensor late_image(const NoiseSchedule& schedule, const Denoiser& edited, const at::Tensor& state,
                      int64_t start, int64_t steps);

}  // namespace patronus
