#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace patronus {

/// Mean and covariance of a sample of feature vectors.
struct FeatureStatistics {
  at::Tensor mean;        // float64 [D]
  at::Tensor covariance;  // float64 [D, D], divided by N - 1
  int64_t count = 0;      // N; for N <= D the covariance is singular and the distance is biased upwards
};

/// Statistics of `features` [N, D], N at least 2, any floating-point type and device.
FeatureStatistics feature_statistics(const at::Tensor& features);

/// Fréchet distance between two Gaussians with these statistics (Heusel et al. 2017),
///   |m1 - m2|^2 + tr(C1 + C2 - 2 (C1^(1/2) C2 C1^(1/2))^(1/2)).
/// Roots come from eigenvalues of symmetric matrices in float64: the result is never NaN or negative, even
/// for singular covariances.
double frechet_distance(const FeatureStatistics& a, const FeatureStatistics& b);

}  // namespace patronus
