#include "patronus/metrics/two_samples.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <tuple>

namespace patronus {
namespace {

/// Share of the values of every row of `sorted` [D, N] that are at most as large as each of `places` [D, K].
at::Tensor distribution_at(const at::Tensor& sorted, const at::Tensor& places) {
  const auto counts = at::searchsorted(sorted, places, /*out_int32=*/false, /*right=*/true);
  return counts.to(at::kDouble) / sorted.size(1);
}

at::Tensor sorted_dimensions(const at::Tensor& x) {
  return std::get<0>(x.to(at::kDouble).t().contiguous().sort(1));
}

}  // namespace

at::Tensor kolmogorov_smirnov(const at::Tensor& x, const at::Tensor& y) {
  const auto a = sorted_dimensions(x), b = sorted_dimensions(y);
  const auto places = at::cat({a, b}, 1);
  return (distribution_at(a, places) - distribution_at(b, places)).abs().amax(1);
}

at::Tensor correlations(const at::Tensor& x) {
  const auto centered = x.to(at::kDouble) - x.to(at::kDouble).mean(0);
  const auto length = centered.norm(2, 0);
  const auto scale = at::where(length > 0, 1 / length, at::zeros_like(length));
  const auto unit = centered * scale;
  return at::matmul(unit.t(), unit);
}

double correlation_error(const at::Tensor& x, const at::Tensor& y) {
  const int64_t dimensions = x.size(1);
  if (dimensions < 2) return 0;
  const auto difference = correlations(x) - correlations(y);
  const auto sum = difference.square().sum() - difference.diagonal().square().sum();
  return (sum / static_cast<double>(dimensions * (dimensions - 1))).sqrt().item<double>();
}

}  // namespace patronus
