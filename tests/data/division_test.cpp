#include "data/division.h"

#include <gtest/gtest.h>

namespace patronus {
namespace {

std::vector<std::string> numbered_images(size_t count) {
  std::vector<std::string> names;
  for (size_t i = 0; i < count; ++i) names.push_back(std::to_string(i) + ".png");
  return names;
}

Division divided(const std::vector<Part>& parts, double test_fraction = 0.25) {
  return divide(numbered_images(parts.size()), parts, test_fraction);
}

using Rows = std::vector<int64_t>;

TEST(Part, IsNamedByTheUsualWordsInAnyCapitalisation) {
  for (const char* word : {"train", "Training", "TRAIN"}) EXPECT_EQ(part_from(word), Part::kTrain) << word;
  for (const char* word : {"val", "Valid", "validation"})
    EXPECT_EQ(part_from(word), Part::kValidation) << word;
  for (const char* word : {"test", "Testing"}) EXPECT_EQ(part_from(word), Part::kTest) << word;
  for (const char* word : {"", "trains", "cat", "tests"}) EXPECT_EQ(part_from(word), std::nullopt) << word;
}

TEST(Division, ValidationIsInNeitherHalfBesideATest) {
  const Division division = divided({Part::kTest, Part::kTrain, Part::kValidation, Part::kTrain});
  EXPECT_EQ(division.train, (Rows{1, 3}));
  EXPECT_EQ(division.test, Rows{0});
  EXPECT_EQ(division.validation, Rows{2});
  EXPECT_EQ(division.remark, "");
}

TEST(Division, ValidationIsTheTestWhereThereIsNoOther) {
  const Division division = divided({Part::kValidation, Part::kTrain, Part::kTrain});
  EXPECT_EQ(division.train, (Rows{1, 2}));
  EXPECT_EQ(division.test, Rows{0});
  EXPECT_TRUE(division.validation.empty());
  EXPECT_EQ(division.remark, "validation images are the test images");
}

TEST(Division, HoldsOutAShareOfTheUndividedWhateverTheirOrder) {
  const auto names = numbered_images(20);
  const Division division = divide(names, std::vector(20, Part::kUndivided), 0.25);
  EXPECT_EQ(division.train.size(), 15u);
  EXPECT_EQ(division.test.size(), 5u);
  EXPECT_EQ(division.remark, "25% held out, chosen by name");
  const std::vector<std::string> backwards(names.rbegin(), names.rend());
  const Division other = divide(backwards, std::vector(20, Part::kUndivided), 0.25);
  for (const int64_t row : other.test) {
    EXPECT_NE(std::find(division.test.begin(), division.test.end(), 19 - row), division.test.end());
  }
}

TEST(Division, HoldsOutOneImageAtLeastAndNoneWhenAskedFor) {
  EXPECT_EQ(divided(std::vector(3, Part::kTrain), 0.01).test.size(), 1u);
  const Division whole = divided(std::vector(3, Part::kTrain), 0);
  EXPECT_EQ(whole.train.size(), 3u);
  EXPECT_TRUE(whole.test.empty());
  EXPECT_EQ(whole.remark, "none held out");
  EXPECT_EQ(divided({Part::kTrain}, 0.1).remark, "none held out") << "the only image";
}

}  // namespace
}  // namespace patronus
