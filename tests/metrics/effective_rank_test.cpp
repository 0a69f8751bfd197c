#include "patronus/metrics/effective_rank.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>

namespace patronus {
namespace {

TEST(EffectiveRank, CountsEqualDirectionsAndNoOthers) {
  EXPECT_NEAR(effective_rank(at::eye(5)), 5, 1e-9);
  EXPECT_NEAR(effective_rank(at::diag(at::tensor({1.0, 1.0, 0.0}))), 2, 1e-9);
  EXPECT_NEAR(effective_rank(at::ones({4, 7})), 1, 1e-6);
  EXPECT_EQ(effective_rank(at::zeros({3, 3})), 0);
  // Shares 3/4 and 1/4 of the singular values' sum.
  EXPECT_NEAR(effective_rank(at::diag(at::tensor({3.0, 1.0}))),
              std::exp(0.75 * std::log(4.0 / 3) + 0.25 * std::log(4.0)), 1e-9);
}

}  // namespace
}  // namespace patronus
