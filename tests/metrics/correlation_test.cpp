#include "patronus/metrics/correlation.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "patronus/core/random.h"
#include "support/parity.h"

namespace patronus {
namespace {

at::Tensor normal(int64_t count, int64_t dimensions, uint64_t seed) {
  return at::randn({count, dimensions}, make_generator(seed), at::kDouble);
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

TEST(Correlations, OfColumnsThatDoNotVaryAreNothingHoweverTheirMeanIsRounded) {
  for (int64_t rows = 2; rows < 60; ++rows) {
    const auto constant = at::tensor({0.1, 0.3, -1 / 3.0}, at::kDouble).expand({rows, 3});
    const auto r = correlations(at::cat({constant, normal(rows, 1, 1)}, 1));
    EXPECT_EQ(r.slice(0, 0, 3).abs().max().item<double>(), 0) << rows;
    EXPECT_NEAR(r[3][3].item<double>(), 1, 1e-12);
  }
}

TEST(Correlations, DoNotChangeWithUnitsAndZeros) {
  const auto x = normal(30, 4, 2);
  const auto scale = at::tensor({1e-6, 3., -2., 1e6}, at::kDouble);
  const auto sign = at::outer(scale.sign(), scale.sign());
  EXPECT_TRUE(test::close(correlations(x * scale + 5), sign * correlations(x), 1e-8));
}

TEST(Correlations, OfTwoTablesAreThoseOfTheirColumnsInOne) {
  auto x = normal(30, 3, 1);
  x.select(1, 2).fill_(0.1);
  const auto y = normal(30, 4, 2).to(at::kFloat) + x.slice(1, 0, 1);
  const auto all = correlations(at::cat({x, y.to(at::kDouble)}, 1));
  EXPECT_TRUE(test::close(cross_correlations(x, y), all.slice(0, 0, 3).slice(1, 3), 1e-12));
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

TEST(MidRanks, CountUpInEveryColumnAndAreSharedByEqualValues) {
  const auto x = at::tensor({3.0f, 7.0f, 1.0f, 7.0f, 3.0f, 7.0f, 2.0f, -7.0f}).view({4, 2});
  const auto ranks = at::tensor({3.5, 3.0, 1.0, 3.0, 3.5, 3.0, 2.0, 1.0}).view({4, 2});
  EXPECT_TRUE(at::equal(mid_ranks(x), ranks));
  EXPECT_THROW(mid_ranks(at::full({2, 1}, NAN)), c10::Error);
}

TEST(Spearman, GivesWhatScipyGives) {
  const auto x =
      at::tensor({1., 5., 2., 2., 4., 2., 3., 4., 1., 4., 1., 7., 5., 2., 9.}, at::kDouble).view({5, 3});
  const auto expected =
      at::tensor({1., -0.8720816, 0.66688593, -0.8720816, 1., -0.65789474, 0.66688593, -0.65789474, 1.},
                 at::kDouble)
          .view({3, 3});
  EXPECT_TRUE(test::close(spearman(x), expected, 1e-7));
}

TEST(PairedSpearman, IsThatOfTheDrawnRows) {
  // Whole numbers, of which many are equal; one column is constant.
  const auto x = at::randint(0, 6, {40, 3}, make_generator(1), at::kFloat);
  auto y = x + at::randint(0, 6, {40, 3}, make_generator(2), at::kFloat);
  y.select(1, 2).fill_(0.1);
  const RowStatistic statistic = paired_spearman(x, y);
  for (uint64_t seed = 0; seed < 5; ++seed) {
    const auto rows = at::randint(40, {25}, make_generator(seed), at::kLong);
    const auto drawn = statistic(rows);
    for (int64_t i = 0; i < 3; ++i) {
      const auto expected =
          spearman(x.index_select(0, rows).select(1, i), y.index_select(0, rows).select(1, i));
      EXPECT_NEAR(drawn[i].item<double>(), expected, 1e-12);
    }
  }
}

TEST(Spearman, DoesNotChangeWithAMonotoneTransform) {
  const auto x = at::randn({50, 4}, make_generator(1), at::kDouble);
  EXPECT_TRUE(test::close(spearman(x.exp()), spearman(x), 1e-12));
}

TEST(ClusteredOrder, JoinsByTheMeanDistanceOfElements) {
  // The third lies nearer to one of the first two than to any of the last two, but not on average.
  const auto x = at::tensor({0.0, 0.1, 0.24, 0.39, 0.41}, at::kDouble);
  const auto distance = (x.unsqueeze(0) - x.unsqueeze(1)).abs();
  EXPECT_EQ(clustered_order(1 - distance), (std::vector<int64_t>{3, 4, 2, 0, 1}));
  // Correlations that a matrix product has rounded are not quite symmetric.
  const auto rounded = 1 - distance - 1e-12 * at::ones({5, 5}, at::kDouble).triu();
  EXPECT_EQ(clustered_order(rounded), (std::vector<int64_t>{3, 4, 2, 0, 1}));
}

TEST(Spearman, PutsColumnsTogetherThatGoTogether) {
  const auto x = at::randn({200, 2}, make_generator(2), at::kDouble);
  const auto noise = 0.1 * at::randn({200, 6}, make_generator(3), at::kDouble);
  // Columns 0, 2 and 5 follow one source, the last against it; 1, 3 and 4 the other.
  const auto sources = x.index_select(1, at::tensor({0, 1, 0, 1, 1, 0}));
  const auto sign = at::tensor({1., 1., 1., 1., 1., -1.}, at::kDouble);
  auto first = clustered_order(spearman(sources * sign + noise));
  ASSERT_EQ(first.size(), 6u);
  first.resize(3);
  std::sort(first.begin(), first.end());
  EXPECT_TRUE(first == (std::vector<int64_t>{0, 2, 5}) || first == (std::vector<int64_t>{1, 3, 4}));
}

TEST(SpearmanIntervals, ContainTheTruthAsOftenAsTheySay) {
  // Spearman's correlation of normal variables with correlation r is (6 / pi) asin(r / 2).
  const double truth = 6 / M_PI * std::asin(0.6 / 2);
  int64_t inside = 0, wider = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    const auto z = normal(60, 2, seed);
    const auto x = at::stack({z.select(1, 0), 0.6 * z.select(1, 0) + 0.8 * z.select(1, 1)}, 1);
    const Estimate one = spearman_intervals(x).row(0)[1], many = spearman_intervals(x, 100).row(0)[1];
    inside += one.low <= truth && truth <= one.high;
    wider += many.low < one.low && one.high < many.high && one.value == many.value;
  }
  EXPECT_NEAR(static_cast<double>(inside) / 400, 0.95, 0.03);
  EXPECT_EQ(wider, 400);
}

}  // namespace
}  // namespace patronus
