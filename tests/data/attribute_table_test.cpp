#include "patronus/data/attribute_table.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "support/failure.h"

#include "patronus/core/to_vector.h"

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
  return to_vector<int64_t>(images_where(five_images(), condition).rows);
}

std::string condition_failure(const std::string& condition) {
  return test::message_of([&] { where(condition); });
}

using Rows = std::vector<int64_t>;

TEST(AttributeTable, FindsImagesByFlagsWordsAndNumbers) {
  EXPECT_EQ(where("hat=1"), (Rows{0, 3}));
  EXPECT_EQ(where("hat = 0"), (Rows{1, 4}));
  EXPECT_EQ(where("sex=male"), Rows{1});
  EXPECT_EQ(where("sex=0"), (Rows{0, 2, 4}));
  EXPECT_EQ(where("age=41"), (Rows{0, 3}));
  EXPECT_EQ(where("label=dog"), (Rows{1, 3}));
}

TEST(AttributeTable, ComparesNumbersInTheirOrder) {
  EXPECT_EQ(where("age>7"), (Rows{0, 2, 3}));
  EXPECT_EQ(where("age>=30"), (Rows{0, 2, 3}));
  EXPECT_EQ(where("age<30"), Rows{1});
  EXPECT_EQ(where("age<=30.5"), (Rows{1, 2}));
  EXPECT_EQ(where("hat<1"), (Rows{1, 4}));
  EXPECT_EQ(where("age!=41"), (Rows{1, 2}));
}

TEST(AttributeTable, AndBindsMoreThanOrAndNotMoreThanBoth) {
  EXPECT_EQ(where("hat=1 or age=7 and label=dog"), (Rows{0, 1, 3}));
  EXPECT_EQ(where("(hat=1 or age=7) and label=dog"), (Rows{1, 3}));
  EXPECT_EQ(where("not label=dog or hat=1"), (Rows{0, 3, 4}));
  EXPECT_EQ(where("NOT (label=dog Or hat=1)"), Rows{4});
  EXPECT_EQ(where("not not label=dog"), (Rows{1, 3}));
}

TEST(AttributeTable, UnknownIsNeitherTheOneNorTheOther) {
  const auto matches = [](const std::string& condition) { return images_where(five_images(), condition); };
  EXPECT_EQ(where("not hat=1"), (Rows{1, 4})) << "the hat of image 2 is unknown";
  EXPECT_EQ(where("hat!=1"), (Rows{1, 4}));
  EXPECT_EQ(matches("hat!=1").unknown, 1);
  EXPECT_EQ(where("hat=1 or sex=female"), (Rows{0, 2, 3, 4})) << "whatever the hat of image 2";
  EXPECT_EQ(matches("hat=1 or sex=female").unknown, 0);
  EXPECT_EQ(matches("hat=1 and age=41").unknown, 0) << "image 2 is 30, whatever its hat";
  EXPECT_EQ(matches("hat=0 and label=dog").unknown, 1);
}

TEST(AttributeTable, NamesMayHaveBlanksAndBeQuoted) {
  const AttributeTable table{{"No Finding", "Fast and Loud", "label"},
                             at::tensor({1, 0, 0, 0, 1, 1}, at::kLong).view({2, 3}),
                             {{}, {}, {"T-shirt/top", "Ankle boot"}}};
  const auto first = [&](const std::string& condition) {
    return images_where(table, condition).rows[0].item<int64_t>();
  };
  EXPECT_EQ(first("No Finding=1"), 0);
  EXPECT_EQ(first("No  Finding=0 and label=Ankle boot"), 1);
  EXPECT_EQ(first("\"Fast and Loud\"=1"), 1);
  EXPECT_EQ(first("label='T-shirt/top'"), 0);
}

TEST(AttributeTable, SaysWhereAConditionIsWrong) {
  const auto& failure = condition_failure;
  EXPECT_EQ(failure("hat"), "'hat', character 4: expected =, !=, <, <=, > or >=, as in hat=1, found the end");
  EXPECT_EQ(failure("hat=1 and sex"),
            "'hat=1 and sex', character 14: expected =, !=, <, <=, > or >=, as in sex=female, found the end");
  EXPECT_EQ(failure("Dog"),
            "'Dog', character 1: the images have no attribute 'Dog'; expected one of hat, sex, age, label; "
            "did you mean label=dog?");
  EXPECT_EQ(failure("label=Dog"),
            "'label=Dog', character 7: 'Dog' is no value of label; expected cat or dog; did you mean dog?");
  EXPECT_EQ(failure("hat=1 and"), "'hat=1 and', character 10: expected an attribute, found the end");
  EXPECT_EQ(failure(""), "'', character 1: expected an attribute, found the end");
  EXPECT_EQ(failure("(hat=1"), "'(hat=1', character 7: expected ')', found the end");
  EXPECT_EQ(failure("hat=1)"), "'hat=1)', character 6: expected and, or or the end, found ')'");
  EXPECT_EQ(failure("hat==1"),
            "'hat==1', character 4: unknown operator '=='; expected =, !=, <, <=, > or >=");
  EXPECT_EQ(failure("hat=1 && label=dog"), "'hat=1 && label=dog', character 7: expected and, found '&&'");
  EXPECT_EQ(failure("hat=1||hat=0"), "'hat=1||hat=0', character 6: expected or, found '||'");
  EXPECT_EQ(failure("&&"), "'&&', character 1: expected and, found '&&'");
  EXPECT_EQ(failure("label='&&'"),
            "'label='&&'', character 7: '&&' is no value of label; expected cat or dog");
  EXPECT_EQ(failure("!hat=1"), "'!hat=1', character 1: expected not or !=, found '!'");
  EXPECT_EQ(failure("hat=1 or 'sex=male"), "'hat=1 or 'sex=male', character 10: the quote is not closed");
  EXPECT_EQ(failure("hat=and"), "'hat=and', character 5: expected a value, found 'and'");
  EXPECT_EQ(
      failure("hat=1 label=dog"),
      "'hat=1 label=dog', character 5: '1 label' is no value of hat; expected 0 or 1; comparisons are put "
      "together by and, or");
  EXPECT_EQ(failure("hat=7"), "'hat=7', character 5: '7' is no value of hat; expected 0 or 1");
  EXPECT_EQ(failure("hat=-1"), "'hat=-1', character 5: '-1' is no value of hat; expected 0 or 1")
      << "unknown is no value";
  EXPECT_EQ(failure("age=2"), "'age=2', character 5: '2' is no value of age; expected one of 7, 30, 41")
      << "not the place among the values";
  EXPECT_EQ(failure("label=bird"),
            "'label=bird', character 7: 'bird' is no value of label; expected cat or dog");
  EXPECT_EQ(failure("label<dog"),
            "'label<dog', character 7: the values of label have no order; expected = or !=");
  EXPECT_EQ(failure("age>old"), "'age>old', character 5: expected a number, found 'old'");
  EXPECT_EQ(
      failure("hat=1 and hut=1"),
      "'hat=1 and hut=1', character 11: the images have no attribute 'hut'; expected one of hat, sex, age, "
      "label; did you mean hat?");
  EXPECT_EQ(failure("dog=1"),
            "'dog=1', character 1: the images have no attribute 'dog'; expected one of hat, sex, age, label; "
            "did you mean label=dog?");
  EXPECT_EQ(failure("hät==1"),
            "'hät==1', character 4: unknown operator '=='; expected =, !=, <, <=, > or >=");
  EXPECT_EQ(failure("hat=1 and age=7"), "'hat=1 and age=7': holds for no image");
  EXPECT_EQ(failure("sex=female and sex=male"),
            "'sex=female and sex=male': holds for no image; it is unknown of 1");
}

TEST(AttributeTable, RefusesConditionsThatAreNestedTooDeeply) {
  const std::string levels(1000, '(');
  EXPECT_NE(condition_failure(levels + "hat=1").find("nested more than 64 levels deep"), std::string::npos);
}

TEST(AttributeTable, CombinationsOfValuesHoldTheImagesThatHaveThem) {
  const auto combinations = combinations_of_values(five_images().columns({"label", "hat"}));
  std::vector<std::string> texts;
  std::vector<Rows> rows;
  for (const auto& [text, images] : combinations) {
    texts.push_back(text);
    rows.push_back(to_vector<int64_t>(images));
  }
  EXPECT_EQ(texts, (std::vector<std::string>{"label=cat, hat=0", "label=cat, hat=1", "label=dog, hat=0",
                                             "label=dog, hat=1"}));
  EXPECT_EQ(rows, (std::vector<Rows>{{4}, {0}, {1}, {3}})) << "image 2 has values that are not known";
}

TEST(AttributeTable, RowsKeepNamesAndWords) {
  const AttributeTable part = five_images().rows(at::tensor({3, 1}, at::kLong));
  EXPECT_EQ(part.names, five_images().names);
  EXPECT_EQ(part.value_names, five_images().value_names);
  EXPECT_TRUE(part.values[1].equal(five_images().values[1]));
}

}  // namespace
}  // namespace patronus
