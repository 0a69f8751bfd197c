#include "training/balance.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "support/failure.h"

namespace patronus {
namespace {

/// Eight images: six have neither hat nor glasses, one has both, one a hat that nobody knows of.
AttributeTable hats_and_glasses() {
  return {{"hat", "glasses"},
          at::tensor({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, -1, 1}, at::kLong).view({8, 2}),
          {{}, {}}};
}

TEST(BalancedCombinations, SayHowOftenImagesAreRepeatedAndWhatCannotBeDrawn) {
  testing::internal::CaptureStderr();
  const auto combinations = balanced_combinations({"hat", "glasses"}, hats_and_glasses());
  EXPECT_EQ(
      testing::internal::GetCapturedStderr(),
      "training.balance: 2 combinations drawn equally often: hat=0, glasses=0: 6; hat=1, glasses=1: 1; the "
      "rarest comes 4.0 times as often as in the data; never drawn, as a value is unknown: 1\n"
      "warning: training.balance: no image has 2 combinations of these values: what never comes apart is "
      "not drawn apart\n");
  EXPECT_EQ(combinations.size(), 2u);
  EXPECT_TRUE(balanced_combinations({}, hats_and_glasses()).empty());
}

TEST(BalancedCombinations, AreTwoOrMore) {
  AttributeTable table = hats_and_glasses();
  table.values.fill_(-1);
  EXPECT_EQ(
      test::message_of([&] { balanced_combinations({"hat"}, table); }),
      "training.balance: of no image all values are known; expected two combinations of values or more");
}

TEST(CombinationsHash, IsOfTheValuesOfEachImage) {
  AttributeTable table = hats_and_glasses();
  const auto hash = [&] { return combinations_hash(combinations_of_values(table)); };
  const std::string before = hash();
  EXPECT_EQ(hash(), before);
  table.values[0] = table.values[6].clone();
  EXPECT_NE(hash(), before);
}

}  // namespace
}  // namespace patronus
