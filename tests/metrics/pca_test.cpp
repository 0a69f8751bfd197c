#include "patronus/metrics/pca.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>

#include "patronus/core/random.h"
#include "patronus/metrics/frechet.h"
#include "support/parity.h"

namespace patronus {
namespace {

/// Vectors whose deviation falls from dimension to dimension, turned in space.
at::Tensor turned_sample(int64_t rows, int64_t dimensions) {
  auto generator = make_generator(1);
  const auto deviation = 10 / at::arange(1, dimensions + 1, at::kDouble);
  const auto rotation =
      std::get<0>(at::linalg_qr(at::randn({dimensions, dimensions}, generator, at::kDouble)));
  return at::matmul(deviation * at::randn({rows, dimensions}, generator, at::kDouble), rotation) + 3;
}

/// That the components are orthonormal eigenvectors of the covariance, the largest eigenvalues in order.
void expect_principal(const Pca& pca, const at::Tensor& x) {
  const auto covariance = feature_statistics(x).covariance;
  const int64_t count = pca.components.size(0);
  EXPECT_TRUE(test::close(at::matmul(pca.components, pca.components.t()), at::eye(count), 1e-10));
  const auto eigenvalues = at::linalg_eigvalsh(covariance).flip(0).slice(0, 0, count);
  EXPECT_TRUE(
      test::close(at::matmul(pca.components, covariance), eigenvalues.unsqueeze(1) * pca.components, 1e-9));
}

TEST(Pca, OfPointsOnALineIsTheLine) {
  const auto along = at::tensor({-2.0, 0.0, 2.0}).unsqueeze(1);
  const Pca pca = fit_pca(along * at::tensor({-0.6, -0.8}) + at::tensor({5.0, 7.0}), 2);
  EXPECT_TRUE(test::close(pca.mean, at::tensor({5.0, 7.0}), 1e-14));
  EXPECT_TRUE(test::close(pca.components, at::tensor({0.6, 0.8, 0.0, 0.0}).view({2, 2}), 1e-12));
}

TEST(Pca, FindsTheEigenvectorsOfTheCovarianceForManyRowsAndForFew) {
  for (const int64_t rows : {200, 20}) {
    SCOPED_TRACE(rows);
    const auto x = turned_sample(rows, 40);
    expect_principal(fit_pca(x, 8), x);
  }
}

TEST(Pca, OfRepeatedDimensionsRepeatsTheComponents) {
  constexpr int64_t kRepeats = 28;  // too many dimensions to decompose their covariance as a whole
  const auto x = turned_sample(1200, 40);
  const Pca once = fit_pca(x, 5), often = fit_pca(x.repeat({1, kRepeats}) / std::sqrt(kRepeats), 5);
  EXPECT_TRUE(
      test::close(often.components, once.components.repeat({1, kRepeats}) / std::sqrt(kRepeats), 1e-5));
}

TEST(Pca, ProjectsToUncorrelatedCoordinatesOfTheLargestVariances) {
  const auto x = turned_sample(200, 6);
  const Pca pca = fit_pca(x, 3);
  const auto projected = feature_statistics(pca.transform(x.to(at::kFloat)));
  EXPECT_TRUE(test::close(projected.mean, at::zeros({3}), 1e-6));
  const auto variances = at::linalg_eigvalsh(feature_statistics(x).covariance).flip(0).slice(0, 0, 3);
  EXPECT_TRUE(test::close(projected.covariance, variances.diag(), 1e-4));
}

TEST(Pca, PutsTheLargestEntryOfAComponentOnThePositiveSide) {
  const auto x = turned_sample(100, 12);
  for (const auto& sample : {x, -x}) {
    const auto components = fit_pca(sample, 5).components;
    EXPECT_TRUE(at::equal(components.amax(1), components.abs().amax(1)));
  }
  EXPECT_TRUE(test::close(fit_pca(-x, 5).components, fit_pca(x, 5).components, 1e-10));
}

TEST(Pca, OfRowsThatAreAllTheSameIsNothing) {
  const Pca pca = fit_pca(at::ones({5, 8}), 2);
  EXPECT_EQ(pca.components.abs().max().item<double>(), 0);
  EXPECT_THROW(fit_pca(at::ones({5, 8}), 6), c10::Error);
}

}  // namespace
}  // namespace patronus
