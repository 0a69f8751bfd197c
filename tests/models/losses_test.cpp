#include "patronus/models/losses.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>

#include "patronus/core/device.h"

namespace patronus {
namespace {

TEST(DistinctLoss, IsTheMeanShortfallOfTheMarginToTheNearestPrototype) {
  // Unit vectors at 0, 60 and 90 degrees: nearest |cos| are 0.5, cos 30, cos 30.
  const double cos30 = std::sqrt(3.0) / 2;
  const auto prototypes = at::tensor({1.0, 0.0, 0.5, cos30, 0.0, 1.0}).view({3, 2, 1, 1});
  const double expected = ((0.8 - 0.5) + 2 * (0.8 - (1 - cos30))) / 3;
  EXPECT_NEAR(distinct_loss(prototypes, 0.8).item<double>(), expected, 1e-6);
}

TEST(DistinctLoss, OppositeVectorsAreAlikeOnlyForTheAbsoluteCosine) {
  const auto prototypes = at::tensor({1.0, -1.0}).view({2, 1, 1, 1});
  EXPECT_NEAR(distinct_loss(prototypes, 0.5, PrototypeDistance::kCosineAbs).item<double>(), 0.5, 1e-6);
  EXPECT_EQ(distinct_loss(prototypes, 0.5, PrototypeDistance::kCosineSigned).item<double>(), 0);
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
  const AutocastGuard autocast(at::kCPU, Precision::kBfloat16);
  EXPECT_TRUE(at::equal(distinct_loss(prototypes, 0.5), plain));
}

}  // namespace
}  // namespace patronus
