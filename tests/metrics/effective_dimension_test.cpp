#include "patronus/metrics/effective_dimension.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>

#include "patronus/core/random.h"

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

at::Tensor noise(at::IntArrayRef shape, uint64_t seed) {
  return at::randn(shape, make_generator(seed), at::TensorOptions(at::kDouble));
}

at::Tensor four_times(const at::Tensor& matrix) {
  return matrix.unsqueeze(0).expand({4, -1, -1});
}

TEST(ParticipationRatio, OfExactMeasurementsIsThatOfTheSingularValues) {
  EXPECT_NEAR(participation_ratio(four_times(at::eye(5, at::kDouble))), 5, 1e-9);
  EXPECT_NEAR(participation_ratio(four_times(at::ones({4, 7}, at::kDouble))), 1, 1e-9);
  const auto matrix = noise({6, 9}, 1);
  const auto squares = std::get<1>(at::linalg_svd(matrix)).square();
  const double expected = (squares.sum().square() / squares.square().sum()).item<double>();
  EXPECT_NEAR(participation_ratio(four_times(matrix)), expected, 1e-9);
}

TEST(ParticipationRatio, NoiseIsNoDirection) {
  const auto matrix = at::zeros({40, 40}, at::kDouble);
  matrix.diagonal().slice(0, 0, 3).fill_(2);
  const auto estimates = matrix + 0.1 * noise({4, 40, 40}, 2);
  EXPECT_NEAR(participation_ratio(estimates), 3, 0.3);
  // The mean of the four, taken for the truth, seems to have more.
  EXPECT_GT(participation_ratio(four_times(estimates.mean(0))), 4);
}

TEST(ParticipationRatio, OfContradictionsIsUnknown) {
  const auto matrix = noise({3, 3}, 3);
  const auto estimates = at::stack({matrix, matrix, matrix, -matrix});
  EXPECT_TRUE(std::isnan(participation_ratio(estimates)));
}

}  // namespace
}  // namespace patronus
