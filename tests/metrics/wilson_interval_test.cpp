#include "patronus/metrics/wilson_interval.h"

#include <gtest/gtest.h>

#include <cmath>

namespace patronus {
namespace {

TEST(Proportion, HasTheIntervalsOfNewcombe) {
  // Newcombe (1998), table I, method 3.
  struct Example {
    int64_t successes, trials;
    double low, high;
  };
  for (const auto& [successes, trials, low, high] : {Example{81, 263, 0.2553, 0.3662},
                                                     {15, 148, 0.0624, 0.1605},
                                                     {0, 20, 0, 0.1611},
                                                     {1, 29, 0.0061, 0.1718}}) {
    const Estimate share = wilson_interval(successes, trials);
    EXPECT_EQ(share.value, double(successes) / double(trials));
    EXPECT_NEAR(share.low, low, 5e-5) << successes;
    EXPECT_NEAR(share.high, high, 5e-5) << successes;
  }
}

TEST(Proportion, OfAllIsTheMirrorImageOfNone) {
  const Estimate none = wilson_interval(0, 8), all = wilson_interval(8, 8);
  EXPECT_EQ(all.high, 1);
  EXPECT_NEAR(all.low, 1 - none.high, 1e-12);
}

TEST(Proportion, OfNoTrialsIsNotKnown) {
  EXPECT_TRUE(std::isnan(wilson_interval(0, 0).value));
  EXPECT_TRUE(std::isnan(wilson_interval(0, 0).low));
}

}  // namespace
}  // namespace patronus
