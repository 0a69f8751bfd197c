#include "patronus/metrics/two_samples.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>

#include "patronus/core/random.h"
#include "support/parity.h"

namespace patronus {
namespace {

at::Tensor normal(int64_t count, int64_t dimensions, uint64_t seed) {
  return at::randn({count, dimensions}, make_generator(seed), at::kDouble);
}

TEST(KolmogorovSmirnov, OfSmallSamplesAgreesWithTheValueByHand) {
  // Of 1 2 3 4 and 3 4 5: at 2 half of the first and none of the second; at 3 it is 3/4 and 1/3.
  const auto x = at::tensor({1.0, 2.0, 3.0, 4.0}).unsqueeze(1), y = at::tensor({3.0, 4.0, 5.0}).unsqueeze(1);
  EXPECT_NEAR(kolmogorov_smirnov(x, y).item<double>(), 0.5, 1e-12);
  EXPECT_EQ(kolmogorov_smirnov(x, x).item<double>(), 0);
  EXPECT_NEAR(kolmogorov_smirnov(x, x + 10).item<double>(), 1, 1e-12);
}

TEST(KolmogorovSmirnov, CountsTiesOnce) {
  const auto x = at::tensor({1.0, 1.0, 2.0, 2.0}).unsqueeze(1), y = at::tensor({1.0, 2.0}).unsqueeze(1);
  EXPECT_EQ(kolmogorov_smirnov(x, y).item<double>(), 0);
}

TEST(KolmogorovSmirnov, ApproachesTheDistanceOfTheDistributions) {
  // Between N(0, 1) and N(1, 1): Phi(1/2) - Phi(-1/2)
  auto shifted = normal(50'000, 2, 2);
  shifted.select(1, 1) += 1;
  const auto distance = kolmogorov_smirnov(normal(50'000, 2, 1), shifted);
  EXPECT_NEAR(distance[0].item<double>(), 0, 0.012);
  EXPECT_NEAR(distance[1].item<double>(), 0.38292, 0.012);
}

TEST(Correlations, AreThoseOfPearson) {
  const auto z = normal(20'000, 2, 1);
  const auto x = at::stack({z.select(1, 0), 3 - 2 * z.select(1, 0), z.select(1, 0) + z.select(1, 1),
                            at::full({20'000}, 7.0, at::kDouble)},
                           1);
  const auto r = correlations(x);
  EXPECT_NEAR(r[0][1].item<double>(), -1, 1e-12);
  EXPECT_NEAR(r[0][2].item<double>(), std::sqrt(0.5), 0.01);
  EXPECT_TRUE(test::close(r[3], at::zeros({4}), 1e-12)) << "what does not vary correlates with nothing";
}

TEST(CorrelationError, IsTheRootMeanSquareOverPairs) {
  const auto z = normal(50'000, 3, 1);
  auto tied = z.clone();
  tied.select(1, 1).copy_(tied.select(1, 0));
  // Two of the six entries off the diagonal differ by 1.
  EXPECT_NEAR(correlation_error(z, tied), std::sqrt(2.0 / 6), 0.01);
  EXPECT_NEAR(correlation_error(z, 5 * z - 1), 0, 1e-12);
  EXPECT_EQ(correlation_error(z.slice(1, 0, 1), z.slice(1, 1, 2)), 0);
}

}  // namespace
}  // namespace patronus
