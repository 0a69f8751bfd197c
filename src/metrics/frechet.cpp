#include "patronus/metrics/frechet.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>

namespace patronus {
namespace {

/// Square root of a positive semidefinite matrix; clamps eigenvalues made negative by rounding.
at::Tensor symmetric_root(const at::Tensor& matrix) {
  const auto [values, vectors] = at::linalg_eigh(matrix);
  return at::matmul(vectors * values.clamp_min(0).sqrt(), vectors.t());
}

}  // namespace

FeatureStatistics feature_statistics(const at::Tensor& features) {
  TORCH_CHECK(features.dim() == 2 && features.size(0) >= 2, "statistics of features ", features.sizes());
  const auto x = features.to(at::kCPU, at::kDouble);
  const auto mean = x.mean(0);
  const auto centred = x - mean;
  return {mean, at::matmul(centred.t(), centred) / (x.size(0) - 1), x.size(0)};
}

double frechet_distance(const FeatureStatistics& a, const FeatureStatistics& b) {
  const auto root = symmetric_root(a.covariance);
  const auto product = at::matmul(at::matmul(root, b.covariance), root);
  const auto cross = at::linalg_eigvalsh((product + product.t()) / 2).clamp_min(0).sqrt().sum();
  const auto distance =
      (a.mean - b.mean).square().sum() + a.covariance.trace() + b.covariance.trace() - 2 * cross;
  return std::max(0.0, distance.item<double>());
}

}  // namespace patronus
