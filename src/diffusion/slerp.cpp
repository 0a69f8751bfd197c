#include "patronus/diffusion/slerp.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

namespace patronus {

at::Tensor slerp(const at::Tensor& a, const at::Tensor& b, double weight) {
  TORCH_CHECK(a.sizes() == b.sizes(), "slerp between ", a.sizes(), " and ", b.sizes());
  constexpr double kSmallestSine = 1e-6;
  const auto a_rows = a.flatten(1).to(at::kDouble);
  const auto b_rows = b.flatten(1).to(at::kDouble);
  const auto lengths = a_rows.norm(2, 1, true) * b_rows.norm(2, 1, true);
  const auto theta = at::acos(((a_rows * b_rows).sum(1, true) / lengths).clamp(-1, 1));
  const auto sine = at::sin(theta);
  const auto on_sphere = sine > kSmallestSine;  // also false for the NaN of a zero row
  const auto a_weight = at::where(on_sphere, at::sin((1 - weight) * theta) / sine, 1 - weight);
  const auto b_weight = at::where(on_sphere, at::sin(weight * theta) / sine, weight);
  return (a_weight * a_rows + b_weight * b_rows).to(a.scalar_type()).view_as(a);
}

}  // namespace patronus
