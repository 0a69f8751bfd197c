#include "analysis/edit_measures.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace patronus {
namespace {

TEST(EditGain, IsTheShareOfTheAskedChangeAlongIt) {
  const auto before = at::zeros({4, 3});
  const auto target =
      at::tensor({2.0f, 0.0f, 0.0f, 1.0f, 1.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.4f, 0.0f, 0.0f}).view({4, 3});
  const auto reached =
      at::tensor({1.0f, 9.0f, 0.0f, 2.0f, 0.0f, 5.0f, 1.0f, 1.0f, 1.0f, -2.0f, 1.0f, 1.0f}).view({4, 3});
  const auto gain = edit_gain(before, target, reached, at::ones({3}, at::kDouble));
  EXPECT_DOUBLE_EQ(gain[0].item<double>(), 0.5);
  EXPECT_DOUBLE_EQ(gain[1].item<double>(), 1);
  EXPECT_TRUE(gain[2].isnan().item<bool>()) << "nothing was asked";
  EXPECT_TRUE(gain[3].isnan().item<bool>()) << "less than half a deviation";
}

TEST(LogLeftOut, SaysHowManyEditsAskForTooLittle) {
  const auto said = [](const std::vector<int64_t>& enough) {
    testing::internal::CaptureStderr();
    log_left_out(at::tensor(enough).view({2, -1}) != 0, "the median");
    return testing::internal::GetCapturedStderr();
  };
  EXPECT_NE(said({1, 0, 1, 0})
                .find("less than half a standard deviation is asked in 2 of 4 edits, too little "
                      "for a share of it to mean anything; left out of the median\n"),
            std::string::npos);
  EXPECT_EQ(said({1, 1, 1, 1}), "");
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
