#include "patronus/diagnosis/dependent_pairs.h"

#include <gtest/gtest.h>

#include "patronus/core/error.h"
#include "patronus/data/faces.h"
#include "patronus/io/atomic_file.h"
#include "support/run_program.h"

#include <algorithm>

namespace patronus {
namespace {

TEST(DependentPairs, AreReadAndFoundInEitherOrder) {
  const test::TemporaryFolder folder;
  write_file(folder / "pairs.csv", "attribute,other,reason\nsmile,frown,exclude each other\na,b,\n");
  const auto pairs = read_dependent_pairs(folder / "pairs.csv");
  ASSERT_EQ(pairs.size(), 2u);
  EXPECT_EQ(dependence(pairs, "frown", "smile"), "exclude each other");
  EXPECT_EQ(dependence(pairs, "a", "b"), "depend on each other");
  EXPECT_EQ(dependence(pairs, "smile", "a"), "");
}

TEST(DependentPairs, AreValuesOfOneColumnWhateverTheirNamesLookLike) {
  const auto pairs =
      values_of_one_column({.names = {"view=AP", "view=PA", "view=portable", "view", "cat", "dog"},
                            .values = {},
                            .left_out = {},
                            .columns = {"view", "view", "view=portable", "view2", "label", "label"}});
  ASSERT_EQ(pairs.size(), 2u);
  EXPECT_EQ(dependence(pairs, "view=PA", "view=AP"), "values of the column view");
  EXPECT_EQ(dependence(pairs, "cat", "dog"), "values of the column label");
}

TEST(DependentPairs, ATableWithoutAColumnIsNamed) {
  const test::TemporaryFolder folder;
  write_file(folder / "pairs.csv", "attribute,reason\nsmile,x\n");
  EXPECT_THROW(read_dependent_pairs(folder / "pairs.csv"), DataError);
}

TEST(DependentPairs, ThoseOfTheFacesNameAttributesThatFacesHave) {
  const auto pairs = read_dependent_pairs(std::string(PATRONUS_SOURCE_DIR) + "/configs/faces-dependent.csv");
  const auto& names = face_attribute_names();
  EXPECT_FALSE(pairs.empty());
  for (const auto& pair : pairs) {
    EXPECT_EQ(std::count(names.begin(), names.end(), pair.attribute), 1) << pair.attribute;
    EXPECT_EQ(std::count(names.begin(), names.end(), pair.other), 1) << pair.other;
  }
}

}  // namespace
}  // namespace patronus
