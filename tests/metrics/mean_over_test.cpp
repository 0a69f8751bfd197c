#include "patronus/metrics/mean_over.h"

#include <gtest/gtest.h>

#include <cmath>

namespace patronus {
namespace {

TEST(MeanOver, HasTheDeviationOfThePopulationOrOfASample) {
  const MeanOver folds = mean_over({1, 2, 3, 4}, "folds", Deviation::kPopulation);
  EXPECT_EQ(folds.mean, 2.5);
  EXPECT_NEAR(folds.deviation, std::sqrt(1.25), 1e-15);
  EXPECT_EQ(folds.count, 4);
  EXPECT_STREQ(folds.over, "folds");
  EXPECT_NEAR(mean_over({1, 2, 3, 4}, "sets", Deviation::kSample).deviation, std::sqrt(5. / 3), 1e-15);
}

TEST(MeanOver, OfOneHasNoDeviationAsASample) {
  EXPECT_EQ(mean_over({7}, "folds", Deviation::kPopulation).deviation, 0);
  const MeanOver one = mean_over({7}, "sets", Deviation::kSample);
  EXPECT_EQ(one.mean, 7);
  EXPECT_TRUE(std::isnan(one.deviation));
}

TEST(MeanOver, OfNothingSaysSo) {
  const MeanOver none = mean_over({}, "sets", Deviation::kSample);
  EXPECT_EQ(none.count, 0);
  EXPECT_EQ(none.mean, 0);
  EXPECT_EQ(none.deviation, 0);
}

}  // namespace
}  // namespace patronus
