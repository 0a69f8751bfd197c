#include "patronus/metrics/frechet.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <tuple>

namespace patronus {
namespace {

/// The root of a symmetric matrix without negative eigenvalues, but for rounding.
at::Tensor symmetric_root(const at::Tensor& matrix) {
  const auto [values, vectors] = at::linalg_eigh(matrix);
  return at::matmul(vectors * values.clamp_min(0).sqrt(), vectors.t());
}

}  // namespace

void FeatureAccumulator::add(const at::Tensor& features) {
  TORCH_CHECK(features.dim() == 2 && features.size(0) >= 1, "statistics of features ", features.sizes());
  const auto x = features.to(at::kCPU, at::kDouble);
  const int64_t dimensions = x.size(1), batch = x.size(0);
  if (count_ == 0) {
    mean_ = at::zeros({dimensions}, at::kDouble);
    scatter_ = at::zeros({dimensions, dimensions}, at::kDouble);
  }
  const auto batch_mean = x.mean(0);
  const auto centered = x - batch_mean;
  const auto shift = batch_mean - mean_;
  const double share = static_cast<double>(batch) / static_cast<double>(count_ + batch);
  scatter_.addmm_(centered.t(), centered).addr_(shift, shift, 1, static_cast<double>(count_) * share);
  mean_.add_(shift, share);
  count_ += batch;
}

FeatureStatistics FeatureAccumulator::statistics() const {
  TORCH_CHECK(count_ >= 2, "statistics of ", count_, " feature vectors");
  return {mean_.clone(), scatter_ / (count_ - 1), count_};
}

FeatureStatistics feature_statistics(const at::Tensor& features) {
  FeatureAccumulator accumulator;
  accumulator.add(features);
  return accumulator.statistics();
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
