#include "patronus/metrics/mutual_information.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <tuple>
#include <vector>

namespace patronus {
namespace {

/// Of one variable [N].
double entropy_of(const at::Tensor& values) {
  const auto p = at::bincount(values).to(at::kDouble) / values.size(0);
  return -at::xlogy(p, p).sum().item<double>();
}

std::vector<at::Tensor> contiguous_columns(const at::Tensor& x) {
  return x.t().contiguous().unbind(0);
}

}  // namespace

at::Tensor entropy(const at::Tensor& x) {
  std::vector<double> entropies;
  for (const auto& column : contiguous_columns(x)) entropies.push_back(entropy_of(column));
  return at::tensor(entropies, at::kDouble);
}

at::Tensor mutual_information(const at::Tensor& a, const at::Tensor& b) {
  TORCH_CHECK(a.size(0) == b.size(0), "information of variables ", a.sizes(), " and ", b.sizes());
  const int64_t values = b.max().item<int64_t>() + 1;
  const auto b_columns = contiguous_columns(b);
  std::vector<double> joint;
  for (const auto& column : contiguous_columns(a * values)) {
    for (const auto& other : b_columns) joint.push_back(entropy_of(column + other));
  }
  const auto joint_entropy = at::tensor(joint, at::kDouble).view({a.size(1), b.size(1)});
  return (entropy(a).unsqueeze(1) + entropy(b) - joint_entropy).clamp_min(0);
}

at::Tensor equal_width_bins(const at::Tensor& x, int64_t bins) {
  const auto values = x.to(at::kDouble);
  const auto low = values.amin(0), width = values.amax(0) - low;
  const auto place = (values - low) / at::where(width > 0, width, at::ones_like(width));
  return (place * bins).to(at::kLong).clamp_max(bins - 1);
}

SharedInformation shared_information(const at::Tensor& attributes) {
  const auto own = entropy(attributes);
  const auto mutual = mutual_information(attributes, attributes);
  const auto [most, with] = mutual.clone().fill_diagonal_(-1).max(1);  // -1 is left where there is no other
  const auto largest = most.clamp_min(0);
  return {.entropy = own,
          .mutual = mutual,
          .largest = largest,
          .with = at::where(most < 0, -1, with),
          .redundancy = at::where(own > 0, largest / own, 1.0)};
}

}  // namespace patronus
