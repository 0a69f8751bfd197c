#include "patronus/metrics/precision_recall.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <tuple>
#include <vector>

#include "patronus/core/random.h"

namespace patronus {
namespace {

at::Tensor cloud(int64_t count, int64_t dimensions, uint64_t seed) {
  return at::randn({count, dimensions}, make_generator(seed));
}

at::Tensor on_a_line(const std::vector<double>& places) {
  return at::tensor(places, at::kDouble).unsqueeze(1);
}

/// Distances by differences, not by products.
at::Tensor distances_between(const at::Tensor& a, const at::Tensor& b) {
  constexpr int64_t kByDifferences = 2;
  return at::cdist(a.to(at::kDouble), b.to(at::kDouble), 2, kByDifferences);
}

/// Share of `points` in some ball around `centres`, by sorting.
double share_inside(const at::Tensor& points, const at::Tensor& centres, int64_t neighbours) {
  const auto radii = std::get<0>(distances_between(centres, centres).sort(1)).select(1, neighbours);
  return (distances_between(points, centres) <= radii).any(1).to(at::kDouble).mean().item<double>();
}

TEST(PrecisionRecall, OfASampleAndItselfIsWhole) {
  const auto x = cloud(100, 8, 1);
  const auto result = precision_recall(x, x);
  EXPECT_EQ(result.precision, 1);
  EXPECT_EQ(result.recall, 1);
  EXPECT_EQ(result.coverage, 1);
  EXPECT_NEAR(result.density, (3 + 1) / 3.0, 1e-12) << "a ball holds its own vector and k others";
}

TEST(PrecisionRecall, OfSamplesFarApartIsNothing) {
  const auto result = precision_recall(cloud(50, 8, 1), cloud(60, 8, 2) + 1000);
  EXPECT_EQ(result.precision, 0);
  EXPECT_EQ(result.recall, 0);
  EXPECT_EQ(result.density, 0);
  EXPECT_EQ(result.coverage, 0);
}

TEST(PrecisionRecall, AgreesWithASmallExampleByHand) {
  // By their nearest neighbours the real balls are [-1, 1] [0, 2] [1, 5], the generated ones [1.3, 2.5]
  // [1.9, 3.1] [2.5, 37.5].
  const auto real = on_a_line({0, 1, 3}), generated = on_a_line({1.9, 2.5, 20});
  const auto result = precision_recall(real, generated, 1);
  EXPECT_NEAR(result.precision, 2 / 3.0, 1e-12) << "all but 20";
  EXPECT_NEAR(result.recall, 1 / 3.0, 1e-12) << "3 alone";
  EXPECT_NEAR(result.density, (2 + 1 + 0) / 3.0, 1e-12) << "1.9 lies in two balls, 2.5 in one";
  EXPECT_NEAR(result.coverage, 2 / 3.0, 1e-12) << "all but the ball around 0";
}

TEST(PrecisionRecall, TellsFewModesFromWrongOnes) {
  const auto left = cloud(40, 2, 1), right = cloud(40, 2, 2) + 50;
  const auto collapsed = precision_recall(at::cat({left, right}), cloud(80, 2, 3));
  EXPECT_GT(collapsed.precision, 0.8);
  EXPECT_LT(collapsed.recall, 0.51);
  const auto scattered = precision_recall(cloud(80, 2, 3), at::cat({left, right}));
  EXPECT_LT(scattered.precision, 0.51);
  EXPECT_GT(scattered.recall, 0.8);
}

TEST(PrecisionRecall, InBlocksAgreesWithAllDistancesAtOnce) {
  // More vectors than a block of distances has rows.
  const auto real = cloud(530, 2, 1), generated = 1.2 * cloud(520, 2, 2) + 0.3;
  const auto result = precision_recall(real, generated);
  EXPECT_NEAR(result.precision, share_inside(generated, real, 3), 1e-12);
  EXPECT_NEAR(result.recall, share_inside(real, generated, 3), 1e-12);
}

TEST(PrecisionRecall, CountsEqualVectorsAsInsideBallsOfNoSize) {
  // Far from the origin, where |a|^2 + |b|^2 - 2 a.b does not vanish by itself.
  const auto row = cloud(1, 64, 1) * 1000;
  const auto same = row.expand({10, 64});
  const auto result = precision_recall(same, at::cat({same, row + 1}));
  EXPECT_NEAR(result.precision, 10 / 11.0, 1e-12);
  EXPECT_EQ(result.recall, 1);
  EXPECT_EQ(result.coverage, 1);
}

TEST(PrecisionRecall, DoesNotChangeWhereBothSamplesMoveTurnAndGrow) {
  const auto real = cloud(60, 3, 4).to(at::kDouble), generated = 0.7 * cloud(50, 3, 5).to(at::kDouble) + 0.2;
  const auto expected = precision_recall(real, generated);
  const auto turn = std::get<0>(at::linalg_qr(cloud(3, 3, 6).to(at::kDouble)));
  for (const double far : {0., 1e6, 1e7}) {
    const auto moved = [&](const at::Tensor& x) { return 8 * x.matmul(turn) + far; };
    const auto result = precision_recall(moved(real), moved(generated));
    EXPECT_EQ(result.precision, expected.precision) << far;
    EXPECT_EQ(result.recall, expected.recall) << far;
    EXPECT_EQ(result.density, expected.density) << far;
    EXPECT_EQ(result.coverage, expected.coverage) << far;
  }
}

TEST(PrecisionRecall, RefusesFewerVectorsThanNeighbours) {
  EXPECT_THROW(precision_recall(cloud(3, 2, 1), cloud(10, 2, 2)), c10::Error);
  EXPECT_THROW(precision_recall(cloud(10, 2, 1), cloud(10, 3, 2)), c10::Error);
}

}  // namespace
}  // namespace patronus
