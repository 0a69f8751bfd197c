#include "patronus/metrics/quantile.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "patronus/core/random.h"

namespace patronus {
namespace {

TEST(Median, IsTheMeanOfTheMiddleTwoAndSkipsWhatIsNotKnown) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto rows = at::tensor({4., 1., 3., 2., nan, 5., 9., 7., nan, nan, nan, nan}).view({3, 4});
  const auto middle = nan_median(rows);
  EXPECT_EQ(middle[0].item<double>(), 2.5);
  EXPECT_EQ(middle[1].item<double>(), 7);
  EXPECT_TRUE(std::isnan(middle[2].item<double>()));
}

TEST(Median, OfInfinitiesIsWhatNumpyGives) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  const auto rows = at::tensor({inf, nan, inf, 1.,   inf, inf, 1.,  2.,   inf, -inf, -inf, 3.,  //
                                inf, 1.,  nan, -inf, nan, 1.,  inf, -inf, nan})
                        .view({7, 3});
  const auto middle = nan_median(rows);
  EXPECT_TRUE(at::equal(middle.slice(0, 0, 6), at::tensor({inf, inf, 2., -inf, inf, -inf}, at::kDouble)))
      << middle;
  EXPECT_TRUE(std::isnan(middle[6].item<double>()));
}

TEST(Median, IsOfTheLastDimensionAndLeavesItsArgumentAlone) {
  const auto x = at::randn({2, 3, 5});
  const auto before = x.clone();
  const auto middle = nan_median(x);
  ASSERT_EQ(middle.sizes(), (at::IntArrayRef{2, 3}));
  EXPECT_EQ(middle.scalar_type(), at::kDouble);
  EXPECT_TRUE(at::equal(middle, std::get<0>(x.to(at::kDouble).sort(2)).select(2, 2)));
  EXPECT_TRUE(at::equal(x, before));
}

TEST(ColumnQuantiles, AreLinearBetweenTheValuesOfTheirColumn) {
  const auto sorted = at::tensor({0., 10., 1., 20., 5., 40.}, at::kDouble).view({3, 2});
  const auto at_shares = [&](double a, double b) {
    return column_quantiles(sorted, at::tensor({a, b}, at::kDouble));
  };
  EXPECT_TRUE(at::equal(at_shares(0, 1), at::tensor({0., 40.}, at::kDouble)));
  EXPECT_TRUE(at::equal(at_shares(0.25, 0.75), at::tensor({0.5, 30.}, at::kDouble)));
  EXPECT_TRUE(at::equal(column_quantiles(sorted.slice(0, 2), at::tensor({0.3, 0.9}, at::kDouble)),
                        at::tensor({5., 40.}, at::kDouble)))
      << "of one row";
}

TEST(ColumnQuantiles, SkipWhatIsNotKnown) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto sorted = at::tensor({1., nan, 2., nan, 3., nan, nan, nan}, at::kDouble).view({4, 2});
  const auto quantiles = column_quantiles(sorted, at::tensor({0.75, 0.75}, at::kDouble));
  EXPECT_EQ(quantiles[0].item<double>(), 2.5);
  EXPECT_TRUE(std::isnan(quantiles[1].item<double>()));
}

TEST(MedianIntervals, AreTheOrderStatisticsOfTheSignTest) {
  // Tables of the sign test: of 16 values the 4th and 13th (97.9 %), of 9 the 2nd and 8th (96.1 %), of 6 the
  // extremes (96.9 %), of 5 none (93.8 %).
  auto values = at::full({4, 16}, std::nan(""), at::kDouble);
  const int64_t counts[] = {16, 9, 6, 5};
  for (int64_t k = 0; k < 4; ++k)
    values[k].slice(0, 0, counts[k]).copy_(random_permutation(counts[k], 7) + 1);
  const Estimates median = median_intervals(values);
  EXPECT_EQ(median[0].value, 8.5);
  EXPECT_EQ(median[0].low, 4);
  EXPECT_EQ(median[0].high, 13);
  EXPECT_EQ(median[1].low, 2);
  EXPECT_EQ(median[1].high, 8);
  EXPECT_EQ(median[2].low, 1);
  EXPECT_EQ(median[2].high, 6);
  EXPECT_EQ(median[3].value, 3);
  EXPECT_TRUE(std::isnan(median[3].low));
}

TEST(MedianIntervals, AreExactForThousandsOfValues) {
  for (const auto& [count, low, high] : {std::tuple(1100, 518, 583), std::tuple(3000, 1446, 1555)}) {
    const Estimate median = median_intervals(at::arange(1, count + 1, at::kDouble).unsqueeze(0))[0];
    EXPECT_EQ(median.low, low) << "the binomial distribution in whole numbers";
    EXPECT_EQ(median.high, high);
  }
}

TEST(MedianIntervals, CountInfinitiesAsTheMedianDoes) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  const Estimate median = median_intervals(at::tensor({inf, 1., -inf, 2., nan, 3., 4.}).unsqueeze(0))[0];
  EXPECT_EQ(median.value, 2.5);
  EXPECT_EQ(median.low, -inf);
  EXPECT_EQ(median.high, inf);
}

}  // namespace
}  // namespace patronus
