#include "analysis/emergence_trajectory.h"

#include <ATen/Functions.h>

#include <algorithm>

namespace patronus {

Trajectory encode_trajectory(TrainedModel& trained, const Denoiser& denoiser, const at::Tensor& x_T,
                             int64_t steps, const EstimateHook& hook) {
  std::vector<at::Tensor> activations;
  const auto image =
      sample(denoiser, x_T.to(trained.device), trained.schedule, {.steps = steps},
             {.step = [&](const SamplerState& step) {
               const auto estimate = step.x0.clamp(-1, 1);
               activations.push_back(trained.model.encoder->forward(estimate).activation.cpu());
               if (hook) hook(step.index, estimate);
             }});
  return {at::stack(activations, 1), image.clamp(-1, 1).cpu()};
}

EmergenceTimesteps emergence_timesteps(const TrainedModel& trained, const EmergenceOptions& options) {
  EmergenceTimesteps timesteps{step_timesteps(trained.schedule, options.regenerate.inversion.steps), {}};
  const auto steps = std::ssize(timesteps.steps);
  const int64_t starts = std::min(options.starts, steps - 1);
  for (int64_t i = 1; i <= starts; ++i) {
    timesteps.late.push_back(timesteps.steps[i * steps / (starts + 1)]);
  }
  return timesteps;
}

at::Tensor late_image(const NoiseSchedule& schedule, const Denoiser& edited, const at::Tensor& state,
                      int64_t start, int64_t steps) {
  // DDIM keeps no state but x_t, which is replaced at `start`, so that any prediction will do before that.
  const Denoiser late = [&](const at::Tensor& x_t, int64_t t) {
    if (t > start) return Prediction{state, state};
    return edited(t == start ? state : x_t, t);
  };
  return sample(late, state, schedule, {.sampler = Sampler::kDdim, .steps = steps});
}

}  // namespace patronus
