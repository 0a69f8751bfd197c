#include "patronus/metrics/bootstrap.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <limits>

#include "patronus/core/random.h"

namespace patronus {
namespace {

TEST(Bootstrap, GivesTheIntervalThatScipyGives) {
  const auto x = at::tensor({0.12, 0.5, -0.3, 0.9, 1.7, 0.4, 0.05, 2.6, -0.1, 0.33, 0.8, 1.1}, at::kDouble);
  const auto interval = bca_interval(12, column_means(x.unsqueeze(1)), {.resamples = 40000});
  // scipy.stats.bootstrap(..., method="BCa", n_resamples=400000): (0.3167, 1.2500); the rest is sampling.
  EXPECT_NEAR(interval.estimate.item<double>(), 0.675, 1e-12);
  EXPECT_NEAR(interval.low.item<double>(), 0.3167, 0.01);
  EXPECT_NEAR(interval.high.item<double>(), 1.2500, 0.015);
}

TEST(Bootstrap, HoldsTheTrueMeanAsOftenAsItSays) {
  constexpr int64_t kRows = 40, kSamples = 400;
  const auto x = at::randn({kRows, kSamples}, make_generator(1), at::kDouble);
  const auto interval = bca_interval(kRows, column_means(x), {.level = 0.9});
  const auto holds = (interval.low <= 0) & (interval.high >= 0);
  EXPECT_NEAR(holds.to(at::kDouble).mean().item<double>(), 0.9, 0.05);
}

TEST(Bootstrap, LeansTowardsTheLongTail) {
  const auto x = at::rand({40, 1}, make_generator(2), at::kDouble).log().neg();
  const auto interval = bca_interval(40, column_means(x));
  EXPECT_GT((interval.high - interval.estimate).item<double>(),
            1.1 * (interval.estimate - interval.low).item<double>());
}

TEST(Bootstrap, SkipsWhatIsNotKnownAndHasNoWidthWhereNothingVaries) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto x = at::tensor({1., 1., nan, 1., 2., 2., 2., 2.}, at::kDouble).view({4, 2});
  const auto interval = bca_interval(4, column_means(at::tensor({1., nan, 1., 1.}).unsqueeze(1)));
  EXPECT_EQ(interval.low.item<double>(), 1);
  EXPECT_EQ(interval.high.item<double>(), 1);
  EXPECT_NEAR(bca_interval(4, column_means(x)).estimate[0].item<double>(), 5. / 3, 1e-12);
}

}  // namespace
}  // namespace patronus
