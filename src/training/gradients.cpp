#include "patronus/training/gradients.h"

#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/stack.h>
#include <c10/core/GradMode.h>

namespace patronus {

std::vector<at::Tensor> gradients_of(const NamedTensors& parameters) {
  std::vector<at::Tensor> result;
  for (const auto& [name, parameter] : parameters) {
    TORCH_CHECK(parameter.grad().defined(), name, " has no gradient");
    result.push_back(parameter.grad());
  }
  return result;
}

void zero_gradients(const NamedTensors& parameters) {
  for (const auto& [name, parameter] : parameters) parameter.mutable_grad().reset();
}

at::Tensor clip_gradients(const NamedTensors& parameters, double max_norm) {
  const c10::NoGradGuard no_grad;
  const auto gradients = gradients_of(parameters);
  auto norm = at::stack(at::_foreach_norm(gradients)).norm();
  if (max_norm > 0) at::_foreach_mul_(gradients, (max_norm / (norm + 1e-6)).clamp_max(1));
  return norm;
}

}  // namespace patronus
