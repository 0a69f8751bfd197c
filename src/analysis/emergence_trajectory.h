#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

#include "patronus/analysis/emergence.h"
#include "patronus/diffusion/samplers.h"

namespace patronus {

/// What a sampler's estimates of the clean image show, step by step.
struct Trajectory {
  at::Tensor activation;  // float32 [B, S, P] on the CPU, of the estimates clamped to [-1, 1]
  at::Tensor image;       // float32 [B, C, S, S] on the CPU, the last one
};
/// Sees the estimate of a step, [B, C, S, S] on the device.
using EstimateHook = std::function<void(int64_t step, const at::Tensor& x0)>;

/// Runs DDIM from `x_T`, on the model's device, and encodes every estimate.
Trajectory follow(TrainedModel& trained, const Denoiser& denoiser, const at::Tensor& x_T, int64_t steps,
                  const EstimateHook& hook = {});

/// Where in t emergence is measured.
struct EmergenceTimesteps {
  std::vector<int64_t> steps;  // [S], that `follow` evaluates the network at, falling from T-1
  std::vector<int64_t> late;   // [L], those of them at which a late edit begins
};
EmergenceTimesteps emergence_timesteps(const TrainedModel& trained, const EmergenceOptions& options);

/// The image that DDIM makes under `edited` from timestep `start` on, one of those of `steps`, where it has
/// come to `state` without the edit: [B, C, S, S] on the device, as both are.
at::Tensor late_image(const Schedule& schedule, const Denoiser& edited, const at::Tensor& state,
                      int64_t start, int64_t steps);

}  // namespace patronus
