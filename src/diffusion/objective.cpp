#include "patronus/diffusion/objective.h"

#include <ATen/TensorOperators.h>

#include <cmath>

namespace patronus {
namespace {

at::Tensor denoising_target(const at::Tensor& x0, const at::Tensor& noise, const at::Tensor& t,
                            const NoiseSchedule& schedule, PredictionKind kind) {
  if (kind == PredictionKind::kNoise) return noise;
  const auto factor = schedule.factors(t, x0);
  return factor.signal * noise - factor.noise * x0;
}

}  // namespace

Prediction to_prediction(const at::Tensor& output, const at::Tensor& x_t, double alpha_bar,
                         PredictionKind kind) {
  const double signal = std::sqrt(alpha_bar), noise = std::sqrt(1 - alpha_bar);
  if (kind == PredictionKind::kV) return {signal * x_t - noise * output, signal * output + noise * x_t};
  return {(x_t - noise * output) / signal, output};
}

NoisyImages noisy_images(const at::Tensor& images, const at::Tensor& noise, const at::Tensor& timesteps,
                         const NoiseSchedule& schedule, PredictionKind prediction) {
  return {schedule.add_noise(images, noise, timesteps), timesteps,
          denoising_target(images, noise, timesteps, schedule, prediction)};
}

}  // namespace patronus
