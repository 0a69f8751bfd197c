#include "patronus/metrics/linear_prediction.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "patronus/core/random.h"
#include "support/parity.h"

namespace patronus {
namespace {

at::Tensor drawn(int64_t rows, int64_t columns, uint64_t seed) {
  return at::randn({rows, columns}, make_generator(seed), at::kDouble);
}

TEST(LinearR2, IsOneForALinearMapAndZeroForNoise) {
  const auto x = drawn(500, 4, 1);
  const auto rotated = at::matmul(5 * x - 2, drawn(4, 4, 2)) + 7;
  EXPECT_GT(linear_r2(x, rotated, k_folds(500)).min().item<double>(), 0.9999);
  EXPECT_NEAR(linear_r2(x, drawn(500, 50, 3), k_folds(500)).mean().item<double>(), 0, 0.02);
}

TEST(LinearR2, IsTheShareOfTheVarianceThatIsTold) {
  const auto x = drawn(20'000, 3, 1), noise = drawn(20'000, 3, 2);
  const auto r2 = linear_r2(x, x + noise * at::tensor({0.5, 1., 2.}, at::kDouble), k_folds(20'000));
  EXPECT_TRUE(test::close(r2, at::tensor({0.8, 0.5, 0.2}, at::kDouble), 0.02)) << r2;
}

TEST(LinearR2, OfConstantColumnsTellsNothing) {
  const auto x = drawn(50, 2, 1), constant = at::full({50, 1}, 0.1, at::kDouble);
  EXPECT_TRUE(linear_r2(x, constant, k_folds(50)).isnan().all().item<bool>());
  EXPECT_NEAR(linear_r2(constant, x, k_folds(50)).abs().max().item<double>(), 0, 1e-12);
}

TEST(LinearR2, DoesNotNeedMoreRowsThanColumns) {
  EXPECT_TRUE(linear_r2(drawn(10, 30, 1), drawn(10, 2, 2), k_folds(10)).isfinite().all().item<bool>());
}

}  // namespace
}  // namespace patronus
