#include "analysis/edit_measures.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cmath>

namespace patronus {
namespace {

TEST(EditGain, IsTheShareOfTheAskedChangeAlongIt) {
  const auto before = at::zeros({3, 3});
  const auto target = at::tensor({2.0f, 0.0f, 0.0f, 1.0f, 1.0f, 0.0f, 0.0f, 0.0f, 0.0f}).view({3, 3});
  const auto reached = at::tensor({1.0f, 9.0f, 0.0f, 2.0f, 0.0f, 5.0f, 1.0f, 1.0f, 1.0f}).view({3, 3});
  const auto gain = edit_gain(before, target, reached);
  EXPECT_DOUBLE_EQ(gain[0].item<double>(), 0.5);
  EXPECT_DOUBLE_EQ(gain[1].item<double>(), 1);
  EXPECT_TRUE(gain[2].isnan().item<bool>()) << "nothing was asked";
}

TEST(DriftOfOthers, IsOverThoseThatVary) {
  const auto change = at::tensor({-4.0f, 1.0f, -2.0f, NAN, 4.0f, 3.0f, 0.0f, 0.0f}).view({2, 4});
  const auto drift = drift_of_others(change, change.select(1, 0));
  EXPECT_DOUBLE_EQ(drift[0].item<double>(), 1.5);
  EXPECT_DOUBLE_EQ(drift[1].item<double>(), 1);
  const auto alone = at::tensor({5.0f}).view({1, 1});
  EXPECT_DOUBLE_EQ(drift_of_others(alone, alone.select(1, 0)).item<double>(), 0);
}

}  // namespace
}  // namespace patronus
