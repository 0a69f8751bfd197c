#include "patronus/models/losses.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <cmath>

#include "patronus/core/device.h"

namespace patronus {

at::Tensor cosine_similarities(const at::Tensor& vectors) {
  const auto directions = vectors / vectors.norm(2, {1}, /*keepdim=*/true).clamp_min(1e-8);
  return directions.matmul(directions.t());
}

at::Tensor distinct_loss(const at::Tensor& prototypes, double margin) {
  const PrecisionGuard fp32(prototypes.device().type(), Precision::kFloat32);
  const auto distances = 1 - cosine_similarities(prototypes.flatten(1)).abs();
  const auto self = at::eye(prototypes.size(0), distances.options().dtype(at::kBool));
  const auto nearest = std::get<0>(distances.masked_fill(self, INFINITY).min(/*dim=*/1));
  return (margin - nearest).relu().mean();
}

at::Tensor activation_correlations(const at::Tensor& activations) {
  const PrecisionGuard fp32(activations.device().type(), Precision::kFloat32);
  const auto centred = activations.to(at::kFloat) - activations.to(at::kFloat).mean(0);
  // Activations vary by about 0.1 between images; a deviation below 1e-4 counts as constant.
  constexpr double kSmallestVariance = 1e-8;
  const auto unit = centred * (centred.square().mean(0) + kSmallestVariance).rsqrt();
  return unit.t().matmul(unit) / static_cast<double>(activations.size(0));
}

DecorrelationPenalty::DecorrelationPenalty(int64_t prototypes, double memory, at::Device device)
    : memory_(memory),
      sum_(at::zeros({prototypes, prototypes}, at::TensorOptions(device))),
      weight_(at::zeros({}, at::TensorOptions(device))) {}

at::Tensor DecorrelationPenalty::operator()(const at::Tensor& activations) {
  const auto correlations = activation_correlations(activations).fill_diagonal_(0);
  at::Tensor average;
  {
    const c10::NoGradGuard no_grad;
    sum_.lerp_(correlations, 1 - memory_);
    weight_.lerp_(at::ones_like(weight_), 1 - memory_);
    average = (sum_ / weight_).clamp_min(0);
  }
  const auto count = static_cast<double>(activations.size(1));
  const auto slope = 2 / count * (average * correlations).sum();
  return average.square().sum() / count + (slope - slope.detach());
}

}  // namespace patronus
