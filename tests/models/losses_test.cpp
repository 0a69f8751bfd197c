#include "patronus/models/losses.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>

#include "patronus/core/device.h"
#include "patronus/core/random.h"

namespace patronus {
namespace {

TEST(DistinctLoss, IsTheMeanShortfallOfTheMarginToTheNearestPrototype) {
  // Unit vectors at 0, 60 and 90 degrees: nearest |cos| are 0.5, cos 30, cos 30.
  const double cos30 = std::sqrt(3.0) / 2;
  const auto prototypes = at::tensor({1.0, 0.0, 0.5, cos30, 0.0, 1.0}).view({3, 2, 1, 1});
  const double expected = ((0.8 - 0.5) + 2 * (0.8 - (1 - cos30))) / 3;
  EXPECT_NEAR(distinct_loss(prototypes, 0.8).item<double>(), expected, 1e-6);
}

TEST(DistinctLoss, OppositeVectorsAreAlike) {
  const auto prototypes = at::tensor({1.0, -1.0}).view({2, 1, 1, 1});
  EXPECT_NEAR(distinct_loss(prototypes, 0.5).item<double>(), 0.5, 1e-6);
}

TEST(DistinctLoss, GradientPushesTheNearestPairApart) {
  auto prototypes = at::tensor({1.0, 0.0, 0.9, 0.1}).view({2, 2, 1, 1}).requires_grad_();
  distinct_loss(prototypes, 1.0).backward();
  const auto moved = prototypes.detach() - 0.1 * prototypes.grad();
  EXPECT_LT(distinct_loss(moved, 1.0).item<double>(), distinct_loss(prototypes, 1.0).item<double>());
}

TEST(DistinctLoss, IsZeroWithFiniteGradientForOnePrototype) {
  auto prototype = at::ones({1, 4, 1, 1}).requires_grad_();
  const auto loss = distinct_loss(prototype, 1.0);
  loss.backward();
  EXPECT_EQ(loss.item<double>(), 0);
  EXPECT_TRUE(prototype.grad().isfinite().all().item<bool>());
}

TEST(DistinctLoss, AutocastLeavesItBitIdentical) {
  const auto prototypes = at::rand({10, 8, 1, 1});
  const auto plain = distinct_loss(prototypes, 0.5);
  const PrecisionGuard autocast(at::kCPU, Precision::kBfloat16);
  EXPECT_TRUE(at::equal(distinct_loss(prototypes, 0.5), plain));
}

TEST(ActivationCorrelations, AreThoseOfPearson) {
  const auto x = at::tensor({1.0, 2.0, 4.0, 2.0, 4.0, 8.0, 3.0, 1.0, 5.0, 7.0, 7.0, 7.0}).view({4, 3}).t();
  // Columns: x, 2 x, something else, a constant.
  const auto r = activation_correlations(x);
  EXPECT_NEAR(r[0][1].item<double>(), 1, 1e-5);
  // x = (1, 2, 4), other = (3, 1, 5): deviations (-4/3, -1/3, 5/3) and (0, -2, 2).
  EXPECT_NEAR(r[0][2].item<double>(), 4 / std::sqrt(14.0 / 3 * 8), 1e-5);
  EXPECT_NEAR(r[0][2].item<double>(), r[2][0].item<double>(), 1e-6);
  EXPECT_EQ(r[0][3].item<double>(), 0);
}

at::Tensor correlated_batch(uint64_t seed) {
  const auto z = at::randn({64, 4}, make_generator(seed));
  return at::stack({z.select(1, 0), z.select(1, 0) + 0.5 * z.select(1, 1), z.select(1, 2), z.select(1, 3)},
                   1);
}

/// The penalty of one batch by its definition.
double penalty_of(const at::Tensor& activations) {
  const auto r = activation_correlations(activations).fill_diagonal_(0);
  return r.clamp_min(0).square().sum().item<double>() / static_cast<double>(r.size(0));
}

TEST(DecorrelationPenalty, OfOneBatchIsTheSumOfSquaredPositiveCorrelations) {
  const auto x = correlated_batch(1);
  ASSERT_LT(activation_correlations(x).min().item<double>(), -0.05);
  DecorrelationPenalty penalty(4, 0, at::kCPU);
  EXPECT_NEAR(penalty(x).item<double>(), penalty_of(x), 1e-6);
}

TEST(DecorrelationPenalty, PrototypesThatExcludeEachOtherPayNothing) {
  const auto x = at::randn({16, 1}, make_generator(3));
  auto opposite = at::cat({x, -x}, 1).requires_grad_();
  DecorrelationPenalty penalty(2, 0, at::kCPU);
  const auto value = penalty(opposite);
  value.backward();
  EXPECT_EQ(value.item<double>(), 0);
  EXPECT_EQ(opposite.grad().abs().max().item<double>(), 0);
}

TEST(DecorrelationPenalty, GradientIsThatOfTheSumOfSquares) {
  auto x = correlated_batch(1).to(at::kFloat).requires_grad_();
  DecorrelationPenalty penalty(4, 0, at::kCPU);
  penalty(x).backward();
  constexpr double kStep = 1e-2;
  for (const auto& [row, column] : {std::pair{0, 0}, {5, 1}, {40, 2}}) {
    auto up = x.detach().clone(), down = x.detach().clone();
    up[row][column] += kStep;
    down[row][column] -= kStep;
    EXPECT_NEAR(x.grad()[row][column].item<double>(), (penalty_of(up) - penalty_of(down)) / (2 * kStep),
                2e-5);
  }
}

TEST(DecorrelationPenalty, AveragesBatchesSoThatNoiseCancels) {
  // Independent columns: the squares of one batch's correlations are about 1 / 64 each, those of the average
  // of many batches far less.
  const auto independent = [](uint64_t seed) { return at::randn({64, 8}, make_generator(seed)); };
  DecorrelationPenalty alone(8, 0, at::kCPU), averaged(8, 0.98, at::kCPU);
  double last = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) last = averaged(independent(seed)).item<double>();
  EXPECT_LT(last, 0.1 * alone(independent(0)).item<double>());
  // The first batch is taken at its full weight.
  DecorrelationPenalty first(8, 0.98, at::kCPU);
  EXPECT_NEAR(first(independent(0)).item<double>(), alone(independent(0)).item<double>(), 1e-6);
}

TEST(DecorrelationPenalty, DescentDecorrelates) {
  auto x = correlated_batch(2).requires_grad_();
  DecorrelationPenalty penalty(4, 0.9, at::kCPU);
  const double before = DecorrelationPenalty(4, 0, at::kCPU)(x).item<double>();
  for (int step = 0; step < 200; ++step) {
    x.mutable_grad() = at::Tensor();
    penalty(x).backward();
    x = (x.detach() - 5 * x.grad()).requires_grad_();
  }
  EXPECT_LT(DecorrelationPenalty(4, 0, at::kCPU)(x).item<double>(), 0.1 * before);
}

TEST(DecorrelationPenalty, ConstantActivationsGiveNothingAndNoNaN) {
  auto x = at::ones({8, 3}).requires_grad_();
  DecorrelationPenalty penalty(3, 0.98, at::kCPU);
  const auto value = penalty(x);
  value.backward();
  EXPECT_EQ(value.item<double>(), 0);
  EXPECT_TRUE(x.grad().isfinite().all().item<bool>());
}

}  // namespace
}  // namespace patronus
