#include "patronus/metrics/bootstrap.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "patronus/core/random.h"

namespace patronus {
namespace {

TEST(Bootstrap, GivesTheIntervalThatScipyGives) {
  const auto x = at::tensor({0.12, 0.5, -0.3, 0.9, 1.7, 0.4, 0.05, 2.6, -0.1, 0.33, 0.8, 1.1}, at::kDouble);
  const auto interval = mean_intervals(x.unsqueeze(1), {.resamples = 40000});
  // scipy.stats.bootstrap(..., method="BCa", n_resamples=400000): (0.3167, 1.2500); the rest is sampling.
  EXPECT_NEAR(interval.value.item<double>(), 0.675, 1e-12);
  EXPECT_NEAR(interval.low.item<double>(), 0.3167, 0.01);
  EXPECT_NEAR(interval.high.item<double>(), 1.2500, 0.015);
}

TEST(Bootstrap, HoldsTheTrueMeanAsOftenAsItSays) {
  constexpr int64_t kRows = 40, kSamples = 400;
  const auto x = at::randn({kRows, kSamples}, make_generator(1), at::kDouble);
  const auto interval = mean_intervals(x);
  const auto holds = (interval.low <= 0) & (interval.high >= 0);
  EXPECT_NEAR(holds.to(at::kDouble).mean().item<double>(), 0.95, 0.03);
}

TEST(Bootstrap, LeansTowardsTheLongTail) {
  const auto x = at::rand({40, 1}, make_generator(2), at::kDouble).log().neg();
  const auto interval = mean_intervals(x);
  EXPECT_GT((interval.high - interval.value).item<double>(),
            1.1 * (interval.value - interval.low).item<double>());
}

TEST(Bootstrap, SkipsWhatIsNotKnownAndHasNoWidthWhereNothingVaries) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto constant = mean_intervals(at::tensor({1., nan, 1., 1., 1., 1., 1.}).unsqueeze(1));
  EXPECT_EQ(constant.low.item<double>(), 1);
  EXPECT_EQ(constant.high.item<double>(), 1);
  const auto known_in_five = mean_intervals(at::tensor({1., nan, 2., 2., 1., 1., nan}).unsqueeze(1));
  EXPECT_NEAR(known_in_five.value.item<double>(), 1.4, 1e-12);
  EXPECT_TRUE(known_in_five.low.isnan().item<bool>());
  EXPECT_TRUE(known_in_five.high.isnan().item<bool>());
}

TEST(Bootstrap, LeavesOutResamplesThatAreNotKnown) {
  auto x = at::full({48, 2}, std::nan(""), at::kDouble);
  x.slice(0, 0, 6).select(1, 0).copy_(at::tensor({0.01, 0.02, 0.05, 0.1, 0.3, 1.4}, at::kDouble));
  const auto interval = mean_intervals(x, {.seed = 6});
  EXPECT_GT(interval[0].low, 0.01);
  EXPECT_LT(interval[0].low, interval[0].value);
  EXPECT_GT(interval[0].high, interval[0].value);
  EXPECT_LE(interval[0].high, 1.4) << "the largest that a mean can be";
  EXPECT_TRUE(std::isnan(interval[1].low) && std::isnan(interval[1].high)) << "where none is known";
}

TEST(ResamplingWeights, CountEveryObservationOnceAndThenAsDrawingWithReplacementDoes) {
  const auto weights = poisson_bootstrap_weights(3, 0, 200, 500);
  ASSERT_EQ(weights.sizes(), (at::IntArrayRef{501, 200}));
  EXPECT_TRUE(at::equal(weights[0], at::ones({200}, at::kDouble)));
  const auto drawn = weights.slice(0, 1);
  // Of 100,000 Poisson(1) numbers; exp(-1) of them are 0.
  EXPECT_NEAR(drawn.mean().item<double>(), 1, 0.01);
  EXPECT_NEAR(drawn.var().item<double>(), 1, 0.02);
  EXPECT_NEAR((drawn == 0).to(at::kDouble).mean().item<double>(), std::exp(-1.0), 0.005);
}

TEST(ResamplingWeights, DoNotDependOnTheBatch) {
  const auto all = poisson_bootstrap_weights(3, 0, 6, 20);
  EXPECT_TRUE(at::equal(all.slice(1, 2, 5), poisson_bootstrap_weights(3, 2, 3, 20)));
  EXPECT_FALSE(at::equal(all, poisson_bootstrap_weights(4, 0, 6, 20)));
}

TEST(EstimatesOf, AMeanHasTheIntervalOfTheNormalApproximation) {
  const auto x = at::randn({400, 2}, make_generator(1), at::kDouble) * 3 + 10;
  const auto weights = poisson_bootstrap_weights(5, 0, 400, 2000);
  const Estimates mean = percentile_intervals(at::matmul(weights, x) / weights.sum(1, true));
  for (int64_t i = 0; i < 2; ++i) {
    const double exact = x.select(1, i).mean().item<double>();
    const double half = 1.96 * x.select(1, i).std().item<double>() / 20;
    EXPECT_NEAR(mean.value[i].item<double>(), exact, 1e-9);
    EXPECT_NEAR(mean.low[i].item<double>(), exact - half, 0.1 * half);
    EXPECT_NEAR(mean.high[i].item<double>(), exact + half, 0.1 * half);
  }
}

TEST(EstimatesOf, LeavesOutResamplesThatAreNotKnown) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  const auto rows = at::tensor({7.0, 1.0, kNone, 2.0, kNone, 3.0}, at::kDouble).unsqueeze(1);
  const Estimates estimate = percentile_intervals(rows);
  EXPECT_EQ(estimate.value[0].item<double>(), 7);
  EXPECT_NEAR(estimate.low[0].item<double>(), 1.05, 1e-12);
  EXPECT_NEAR(estimate.high[0].item<double>(), 2.95, 1e-12);
}

RowStatistic means_of(const at::Tensor& x) {
  return [x](const at::Tensor& rows) { return x.index_select(0, rows).mean(0); };
}

TEST(SimultaneousInterval, HoldsAllTrueMeansAtOnceAsOftenAsItSays) {
  constexpr int64_t kRows = 200, kNumbers = 30;
  constexpr uint64_t kSamples = 150;
  int64_t all = 0, all_by_themselves = 0;
  for (uint64_t i = 0; i < kSamples; ++i) {
    const auto x = at::randn({kRows, kNumbers}, make_generator(i), at::kDouble);
    const BootstrapOptions options{.resamples = 300, .seed = i};
    const auto holds = [](const Estimates& e) { return ((e.low <= 0) & (e.high >= 0)).all().item<bool>(); };
    all += holds(simultaneous_interval(kRows, means_of(x), options));
    all_by_themselves += holds(mean_intervals(x, options));
  }
  EXPECT_NEAR(static_cast<double>(all) / kSamples, 0.95, 0.06);
  EXPECT_LT(static_cast<double>(all_by_themselves) / kSamples, 0.5)
      << "which thirty intervals of 95 % do not";
}

TEST(SimultaneousInterval, HasNoWidthWhereNothingVaries) {
  const auto x = at::stack({at::ones({20}, at::kDouble), at::arange(20, at::kDouble)}, 1);
  const auto interval = simultaneous_interval(20, means_of(x));
  EXPECT_EQ(interval[0].low, 1);
  EXPECT_EQ(interval[0].high, 1);
  EXPECT_LT(interval[1].low, 9.5);
}

TEST(SimultaneousInterval, RoundingWidensNoOther) {
  const auto x = at::randn({100, 1}, make_generator(3), at::kDouble);
  const auto rounding = at::cat({x, 1 + 1e-15 * at::randn({100, 1}, make_generator(4), at::kDouble)}, 1);
  EXPECT_EQ(simultaneous_interval(100, means_of(rounding))[0].low,
            simultaneous_interval(100, means_of(x))[0].low);
}

TEST(SimultaneousInterval, ANumberThatEveryResampleMissesWidensNoOther) {
  const auto x = at::randn({100, 1}, make_generator(3), at::kDouble);
  // Of all rows 1; a hundred draws with replacement never name each of a hundred rows.
  const RowStatistic statistic = [&](const at::Tensor& rows) {
    const bool all_different = std::get<0>(at::_unique(rows)).size(0) == rows.size(0);
    return at::cat({means_of(x)(rows), at::full({1}, all_different ? 1.0 : 0.0, at::kDouble)});
  };
  const Estimates both = simultaneous_interval(100, statistic);
  EXPECT_NEAR(both[0].low, simultaneous_interval(100, means_of(x))[0].low, 1e-12);
  EXPECT_EQ(both[1].low, 1);
  EXPECT_EQ(both[1].high, 1);
}

}  // namespace
}  // namespace patronus
