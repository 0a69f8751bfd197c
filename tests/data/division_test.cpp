#include "data/division.h"

#include <gtest/gtest.h>

namespace patronus {
namespace {

std::vector<std::string> numbered_images(size_t count) {
  std::vector<std::string> names;
  for (size_t i = 0; i < count; ++i) names.push_back(std::to_string(i) + ".png");
  return names;
}

Division divided(const GivenSplits& splits, double test_fraction = 0.25) {
  return divide(numbered_images(splits.size()), splits, test_fraction);
}

using Rows = std::vector<int64_t>;

TEST(Split, IsNamedByTheUsualWordsInAnyCapitalisation) {
  for (const char* word : {"train", "Training", "TRAIN"}) EXPECT_EQ(parse_split(word), Split::kTrain) << word;
  for (const char* word : {"val", "Valid", "validation"})
    EXPECT_EQ(parse_split(word), Split::kValidation) << word;
  for (const char* word : {"test", "Testing"}) EXPECT_EQ(parse_split(word), Split::kTest) << word;
  for (const char* word : {"", "trains", "cat", "tests"}) EXPECT_EQ(parse_split(word), std::nullopt) << word;
}

TEST(Division, ValidationIsInNeitherHalfBesideATest) {
  const Division division = divided({Split::kTest, Split::kTrain, Split::kValidation, Split::kTrain});
  EXPECT_EQ(division.rows[Split::kTrain], (Rows{1, 3}));
  EXPECT_EQ(division.rows[Split::kTest], Rows{0});
  EXPECT_EQ(division.rows[Split::kValidation], Rows{2});
  EXPECT_EQ(division.remark, "");
}

TEST(Division, ValidationIsTheTestWhereThereIsNoOther) {
  const Division division = divided({Split::kValidation, Split::kTrain, Split::kTrain});
  EXPECT_EQ(division.rows[Split::kTrain], (Rows{1, 2}));
  EXPECT_EQ(division.rows[Split::kTest], Rows{0});
  EXPECT_TRUE(division.rows[Split::kValidation].empty());
  EXPECT_EQ(division.remark, "validation images are the test images");
}

TEST(Division, HoldsOutAShareOfTheUndividedWhateverTheirOrder) {
  const auto names = numbered_images(20);
  const Division division = divide(names, GivenSplits(20), 0.25);
  const Rows& tests = division.rows[Split::kTest];
  EXPECT_EQ(division.rows[Split::kTrain].size(), 15u);
  EXPECT_EQ(tests.size(), 5u);
  EXPECT_EQ(division.remark, "25% held out, chosen by name");
  const std::vector<std::string> backwards(names.rbegin(), names.rend());
  const Division other = divide(backwards, GivenSplits(20), 0.25);
  for (const int64_t row : other.rows[Split::kTest])
    EXPECT_NE(std::find(tests.begin(), tests.end(), 19 - row), tests.end());
}

TEST(Division, HoldsOutOneImageAtLeastAndNoneWhenAskedFor) {
  EXPECT_EQ(divided(GivenSplits(3, Split::kTrain), 0.01).rows[Split::kTest].size(), 1u);
  const Division whole = divided(GivenSplits(3, Split::kTrain), 0);
  EXPECT_EQ(whole.rows[Split::kTrain].size(), 3u);
  EXPECT_TRUE(whole.rows[Split::kTest].empty());
  EXPECT_EQ(whole.remark, "none held out");
  EXPECT_EQ(divided({Split::kTrain}, 0.1).remark, "none held out") << "the only image";
}

}  // namespace
}  // namespace patronus
