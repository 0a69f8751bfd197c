#include "patronus/metrics/frechet.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>

#include "patronus/core/random.h"
#include "support/parity.h"

namespace patronus {
namespace {

at::Tensor features(int64_t count, int64_t dimensions, uint64_t seed) {
  return at::randn({count, dimensions}, make_generator(seed), at::kDouble);
}

TEST(Frechet, OfIndependentDimensionsIsTheSumOfTheirDistances) {
  const FeatureStatistics a{at::zeros({2}, at::kDouble), at::diag(at::tensor({1.0, 4.0})), 10};
  const FeatureStatistics b{at::tensor({3.0, 0.0}), at::diag(at::tensor({1.0, 9.0})), 10};
  EXPECT_NEAR(frechet_distance(a, b), 9 + (2.0 - 3) * (2.0 - 3), 1e-12);
}

TEST(Frechet, OfASampleAndItselfIsNothing) {
  const auto a = feature_statistics(features(100, 8, 1));
  EXPECT_NEAR(frechet_distance(a, a), 0, 1e-10);
}

TEST(Frechet, IsFiniteAndNotNegativeWhereCovariancesAreSingular) {
  const auto few = feature_statistics(features(5, 30, 1)), others = feature_statistics(features(4, 30, 2));
  EXPECT_TRUE(std::isfinite(frechet_distance(few, others)));
  EXPECT_GT(frechet_distance(few, others), 0);
  EXPECT_GE(frechet_distance(few, few), 0);
  const auto constant = feature_statistics(at::ones({5, 30}));
  EXPECT_EQ(frechet_distance(constant, constant), 0);
}

TEST(FeatureStatistics, AreTheCovarianceOfAllPairsOfDimensions) {
  const auto x = features(50, 3, 1);
  const auto statistics = feature_statistics(x.to(at::kFloat));
  EXPECT_TRUE(test::close(statistics.mean, x.mean(0), 1e-6));
  EXPECT_TRUE(test::close(statistics.covariance, at::cov(x.t()), 1e-6));
  EXPECT_EQ(statistics.covariance.scalar_type(), at::kDouble);
}

TEST(FeatureStatistics, NeedTwoVectors) {
  EXPECT_THROW(feature_statistics(features(1, 4, 1)), c10::Error);
  EXPECT_THROW(feature_statistics(features(2, 4, 1)[0]), c10::Error);
}

}  // namespace
}  // namespace patronus
