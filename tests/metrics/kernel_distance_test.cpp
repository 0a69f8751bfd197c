#include "patronus/metrics/kernel_distance.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>

#include "patronus/core/random.h"

namespace patronus {
namespace {

at::Tensor normal_rows(int64_t count, int64_t dimensions, uint64_t seed) {
  return at::randn({count, dimensions}, make_generator(seed), at::kDouble);
}

double kernel_of(const at::Tensor& a, const at::Tensor& b) {
  const double base = a.dot(b).item<double>() / static_cast<double>(a.numel()) + 1;
  return base * base * base;
}

/// The unbiased estimate, pair by pair.
double discrepancy_by_pairs(const at::Tensor& x, const at::Tensor& y) {
  const int64_t n = x.size(0), m = y.size(0);
  double within_x = 0, within_y = 0, across = 0;
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j) within_x += i == j ? 0 : kernel_of(x[i], x[j]);
    for (int64_t j = 0; j < m; ++j) across += kernel_of(x[i], y[j]);
  }
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < m; ++j) within_y += i == j ? 0 : kernel_of(y[i], y[j]);
  }
  return within_x / static_cast<double>(n * (n - 1)) + within_y / static_cast<double>(m * (m - 1)) -
         2 * across / static_cast<double>(n * m);
}

TEST(KernelDistance, OfWholeSamplesIsTheSumOverPairs) {
  const auto x = normal_rows(12, 5, 1), y = normal_rows(12, 5, 2) + 0.5;
  const auto distance = kernel_distance(x, y);
  EXPECT_NEAR(distance.mean, discrepancy_by_pairs(x, y), 1e-12);
  EXPECT_EQ(distance.subsets, 1);
  EXPECT_EQ(distance.subset_size, 12);
  EXPECT_TRUE(std::isnan(distance.deviation));
}

TEST(KernelDistance, OfTwoNumbersEachAgreesWithTheValueByHand) {
  // k(a, b) = (ab + 1)^3: within 0 1 it is 1, within 1 2 it is 27, across 1 1 8 27.
  const auto x = at::tensor({0.0, 1.0}).unsqueeze(1), y = at::tensor({1.0, 2.0}).unsqueeze(1);
  EXPECT_NEAR(kernel_distance(x, y).mean, 1 + 27 - 2 * (1 + 1 + 8 + 27) / 4.0, 1e-12);
}

TEST(KernelDistance, IsUnbiased) {
  // Over many small samples of one distribution the mean is 0, where the biased estimate's would be positive.
  constexpr int kSamples = 2000;
  double sum = 0, squares = 0;
  for (uint64_t i = 0; i < kSamples; ++i) {
    const double value = kernel_distance(normal_rows(5, 3, 2 * i), normal_rows(5, 3, 2 * i + 1)).mean;
    sum += value, squares += value * value;
  }
  const double mean = sum / kSamples, error = std::sqrt(squares) / kSamples;
  EXPECT_LT(std::abs(mean), 4 * error);
  EXPECT_LT(error, 0.05);
}

TEST(KernelDistance, ApproachesTheDistanceOfTheDistributions) {
  // In one dimension, of N(0, 1) and N(1, 1): the kernel is sum_p binomial(3, p) (ab)^p, so the distance is
  // sum_p binomial(3, p) (E a^p - E b^p)^2 = 3 (0 - 1)^2 + 3 (1 - 2)^2 + (0 - 4)^2.
  const auto x = normal_rows(20'000, 1, 1), y = normal_rows(20'000, 1, 2) + 1;
  const auto distance = kernel_distance(x, y, {.subset_size = 150});
  EXPECT_NEAR(distance.mean, 22, 4 * distance.deviation / std::sqrt(100.0));
  EXPECT_LT(distance.deviation, 10);
}

TEST(KernelDistance, OfOneDistributionLiesAroundNothing) {
  const KernelDistanceOptions options{.subset_size = 200};
  const auto x = normal_rows(3000, 16, 1), y = normal_rows(3000, 16, 2);
  const auto distance = kernel_distance(x, y, options);
  EXPECT_EQ(distance.subset_size, 200);
  EXPECT_LT(std::abs(distance.mean), 3 * distance.deviation);
  EXPECT_GT(kernel_distance(x, y + 0.5, options).mean, 20 * distance.deviation);
}

TEST(KernelDistance, DependsOnTheSeedAlone) {
  const auto x = normal_rows(60, 4, 1), y = normal_rows(50, 4, 2);
  const KernelDistanceOptions options{.subsets = 5, .subset_size = 20, .seed = 7};
  const auto first = kernel_distance(x, y, options), again = kernel_distance(x, y, options);
  EXPECT_EQ(first.mean, again.mean);
  EXPECT_EQ(first.deviation, again.deviation);
  EXPECT_GT(first.deviation, 0);
  EXPECT_NE(first.mean, kernel_distance(x, y, {.subsets = 5, .subset_size = 20, .seed = 8}).mean);
}

TEST(KernelDistance, OfSamplesOfDifferentSizesUsesTheSmallerOneWhole) {
  const auto x = normal_rows(30, 4, 1), y = normal_rows(10, 4, 2);
  const auto distance = kernel_distance(x, y);
  EXPECT_EQ(distance.subset_size, 10);
  EXPECT_EQ(distance.subsets, 100);
  EXPECT_GT(distance.deviation, 0);
}

}  // namespace
}  // namespace patronus
