#include "patronus/data/attribute_table.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "support/failure.h"

namespace patronus {
namespace {

/// Five images: a flag, a word and a number of each, and a class that has words without numbers.
AttributeTable five_images() {
  const auto values = at::tensor({1, 0, 2, 0, 0, 1, 0, 1, -1, 0, 1, -1, 1, -1, 2, 1, 0, 0, -1, 0}, at::kLong);
  return {{"hat", "sex", "age", "label"},
          values.view({5, 4}),
          {{}, {"female", "male"}, {"7", "30", "41"}, {"cat", "dog"}}};
}

std::vector<int64_t> where(const std::string& condition) {
  const auto rows = images_where(five_images(), condition);
  return {rows.const_data_ptr<int64_t>(), rows.const_data_ptr<int64_t>() + rows.numel()};
}

std::string condition_failure(const std::string& condition) {
  return test::message_of([&] { where(condition); });
}

TEST(AttributeTable, FindsImagesByFlagsWordsAndNumbers) {
  EXPECT_EQ(where("hat=1"), (std::vector<int64_t>{0, 3}));
  EXPECT_EQ(where("hat=0"), (std::vector<int64_t>{1, 4}));
  EXPECT_EQ(where("sex=male"), std::vector<int64_t>{1});
  EXPECT_EQ(where("sex=0"), (std::vector<int64_t>{0, 2, 4}));
  EXPECT_EQ(where("age=41"), (std::vector<int64_t>{0, 3}));
  EXPECT_EQ(where("label=dog"), (std::vector<int64_t>{1, 3}));
}

TEST(AttributeTable, RefusesWhatNoImageHas) {
  EXPECT_EQ(condition_failure("hat=7"), "'hat=7': no image has this value");
  EXPECT_EQ(condition_failure("hat=-1"), "'hat=-1': no image has this value") << "unknown is no value";
  EXPECT_EQ(condition_failure("hat"), "'hat': '' is no value of it; expected 0 or 1");
  EXPECT_EQ(condition_failure("age=2"), "'age=2': '2' is no value of it; expected one of 7, 30, 41")
      << "not the place among the values";
  EXPECT_EQ(condition_failure("label=bird"),
            "'label=bird': 'bird' is no value of it; expected one of cat, dog");
  EXPECT_EQ(
      condition_failure("hut=1"),
      "'hut=1': the images have no attribute 'hut'; expected one of hat, sex, age, label; did you mean hat?");
}

TEST(AttributeTable, RowsKeepNamesAndWords) {
  const AttributeTable part = five_images().rows(at::tensor({3, 1}, at::kLong));
  EXPECT_EQ(part.names, five_images().names);
  EXPECT_EQ(part.words, five_images().words);
  EXPECT_TRUE(part.values[1].equal(five_images().values[1]));
}

}  // namespace
}  // namespace patronus
