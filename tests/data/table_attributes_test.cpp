#include "data/table_attributes.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "patronus/core/to_vector.h"

namespace patronus {
namespace {

/// A table of columns, each a name and its cells.
TextTable table_of(const std::vector<std::pair<std::string, std::vector<std::string>>>& columns) {
  TextTable table{.path = "t.csv", .columns = {}, .lines = {}};
  for (const auto& [name, cells] : columns) {
    auto& column = table.columns.emplace_back();
    column.name = name;
    for (const auto& cell : cells) column.append(cell);
    table.lines.resize(cells.size());
  }
  return table;
}

TableAttributes attributes_of(const TextTable& table, const std::vector<std::string>& wanted = {}) {
  std::vector<size_t> columns;
  for (size_t c = 0; c < table.columns.size(); ++c) columns.push_back(c);
  return attributes_of_columns(table, columns, {.attributes = wanted});
}

/// The values of a column with these cells; its words and a remark on it where asked for.
std::vector<int64_t> values_of(const std::vector<std::string>& cells,
                               std::vector<std::string>* words = nullptr, std::string* remark = nullptr) {
  const auto attributes = attributes_of(table_of({{"x", cells}}));
  if (words) *words = attributes.table.value_names.at(0);
  if (remark) *remark = attributes.remarks.empty() ? "" : attributes.remarks.at(0);
  return to_vector<int64_t>(attributes.table.values);
}

using Values = std::vector<int64_t>;
using Words = std::vector<std::string>;

TEST(TableAttributes, AnswersAreOneAndZeroHoweverTheyAreWritten) {
  for (const auto& cells :
       {Words{"1", "0", "1"}, Words{"1.0", "0.0", "1"}, Words{"+1", "+0", "1"},
        Words{"True", "False", "true"}, Words{"yes", "no", "YES"}, Words{"y", "N", "1"}}) {
    Words words{"-"};
    EXPECT_EQ(values_of(cells, &words), (Values{1, 0, 1})) << cells[0];
    EXPECT_TRUE(words.empty());
  }
}

TEST(TableAttributes, LettersAreAnswersOnlyInPairs) {
  EXPECT_EQ(values_of({"T", "F", "u"}), (Values{1, 0, -1}));
  EXPECT_EQ(values_of({"Y", "", "Y"}), (Values{1, -1, 1}));
  Words words;
  EXPECT_EQ(values_of({"T", "N", "Y", "T"}, &words), (Values{1, 0, 2, 1})) << "grades";
  EXPECT_EQ(words, (Words{"N", "T", "Y"}));
  EXPECT_EQ(values_of({"F", "U", "F"}, &words), (Values{0, 1, 0})) << "female, and something else";
}

TEST(TableAttributes, LongIdsStayApart) {
  Words words;
  EXPECT_EQ(values_of({"100000000000000001", "100000000000000003", "100000000000000002"}, &words),
            (Values{0, 2, 1}));
  EXPECT_EQ(words.size(), 3u);
}

TEST(TableAttributes, BlanksAndTheirLikeAreUnknown) {
  EXPECT_EQ(values_of({"1", "", "nan", "NA", "N/A", "null", "None", "<NA>", "?", "unknown", "0"}),
            (Values{1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0}));
  EXPECT_EQ(values_of({"1", "U", "0"}), (Values{1, -1, 0}));
  EXPECT_EQ(values_of({"", ""}), (Values{-1, -1}));
}

TEST(TableAttributes, NoneIsAValueBesideOtherWords) {
  Words words;
  std::string remark;
  EXPECT_EQ(values_of({"Normal", "None", "", "Dark", "n/a", "None"}, &words, &remark),
            (Values{2, 1, -1, 0, -1, 1}));
  EXPECT_EQ(words, (Words{"Dark", "None", "Normal"}));
  EXPECT_EQ(remark, "x: None is a value");
  const auto two = attributes_of(table_of({{"glasses", {"none", "worn", "none"}}}));
  EXPECT_TRUE(two.table.values.flatten().equal(at::tensor({0, 1, 0}, at::kLong)));
  EXPECT_EQ(two.remarks, (Words{"glasses: none is a value", "glasses: 1 is worn"}));
}

TEST(TableAttributes, NoneIsUnknownBesideAnswersAndNumbers) {
  for (const auto& cells : {Words{"1", "None", "0"}, Words{"yes", "none", "no"}, Words{"20", "None", "7.5"},
                            Words{"yes", "None", "5"}, Words{"t", "NONE", "f"}}) {
    std::string remark;
    EXPECT_EQ(values_of(cells, nullptr, &remark), (Values{1, -1, 0})) << cells[0];
    EXPECT_EQ(remark.find("is a value"), std::string::npos) << remark;
  }
  EXPECT_EQ(values_of({"None", "u", "1"}), (Values{-1, -1, 1}));
  EXPECT_EQ(values_of({"None", "", "none"}), (Values{-1, -1, -1})) << "nothing else is known";
}

TEST(TableAttributes, MinusOneIsZeroBesideOneAlone) {
  std::string remark;
  EXPECT_EQ(values_of({"-1", "1", "-1", ""}, nullptr, &remark), (Values{0, 1, 0, -1}));
  EXPECT_EQ(remark, "-1 is 0");
}

TEST(TableAttributes, MinusOneIsUnknownInATableThatAlsoHasZeros) {
  const auto attributes =
      attributes_of(table_of({{"edema", {"1.0", "0.0", "-1.0", ""}}, {"rare", {"-1", "1", "", "1"}}}));
  EXPECT_TRUE(
      attributes.table.values.equal(at::tensor({1, -1, 0, 1, -1, -1, -1, 1}, at::kLong).view({4, 2})));
  EXPECT_EQ(attributes.remarks, Words{"-1 is unknown"}) << "said once";
}

TEST(TableAttributes, OfTwoWordsOrNumbersTheSecondIsOne) {
  Words words;
  std::string remark;
  EXPECT_EQ(values_of({"male", "female", "", "male"}, &words, &remark), (Values{1, 0, -1, 1}));
  EXPECT_EQ(words, (Words{"female", "male"}));
  EXPECT_EQ(remark, "x: 1 is male");
  EXPECT_EQ(values_of({"ja", "nein", "ja"}, &words, &remark), (Values{1, 0, 1}));
  EXPECT_EQ(words, (Words{"nein", "ja"}));
  EXPECT_EQ(remark, "x: 1 is ja");
  EXPECT_EQ(values_of({"2", "1", "2"}, &words, &remark), (Values{1, 0, 1}));
  EXPECT_EQ(remark, "x: 1 is 2");
}

TEST(TableAttributes, MoreWordsOrNumbersAreValuesInTheirOrder) {
  Words words;
  EXPECT_EQ(values_of({"b", "c", "a", "b"}, &words), (Values{1, 2, 0, 1}));
  EXPECT_EQ(words, (Words{"a", "b", "c"}));
  EXPECT_EQ(values_of({"20.5", "7", "100", "7.0", "nan"}, &words), (Values{1, 0, 2, 0, -1}));
  EXPECT_EQ(words, (Words{"7.0", "20.5", "100"}));
  EXPECT_EQ(values_of({"1", "maybe", "0"}, &words), (Values{1, 2, 0}));
}

TEST(TableAttributes, LeavesOutWhatNobodyWantsAndSaysSo) {
  Words names, notes, flags;
  for (int i = 0; i < 12; ++i) {
    names.push_back("person " + std::to_string(i));
    notes.push_back(i < 4 ? "blurred" : i < 8 ? "good" : "dark");
    flags.push_back(i % 2 ? "1" : "0");
  }
  const auto table =
      table_of({{"", flags}, {"Unnamed: 0", flags}, {"name", names}, {"note", notes}, {"hat", flags}});
  const auto attributes = attributes_of(table);
  EXPECT_EQ(attributes.table.names, (Words{"note", "hat"}));
  ASSERT_EQ(attributes.left_out.size(), 2u);
  EXPECT_EQ(attributes.left_out[0].what, "columns without a name");
  EXPECT_EQ(attributes.left_out[0].count, 2);
  EXPECT_EQ(attributes.left_out[1].examples, Words{"name"});
  EXPECT_EQ(attributes_of(table, {"name"}).table.names, Words{"name"}) << "asked for";
  EXPECT_EQ(attributes_of(table, {"name"}).table.value_names[0].size(), 12u);
  EXPECT_EQ(attributes_of(table, {"hatt"}).table.names, (Words{"note", "hat"})) << "to name them";
}

TEST(TableAttributes, HundredThousandsOfRowsTakeNoTimeOrMemoryToSpeakOf) {
  constexpr int64_t kRows = 200000;
  TextTable table{
      .path = "t.csv", .columns = std::vector<TextColumn>(2), .lines = std::vector<size_t>(kRows)};
  table.columns[0].name = "a";
  table.columns[1].name = "b";
  for (int64_t row = 0; row < kRows; ++row) {
    table.columns[0].append(row % 3 ? "-1" : "1");
    table.columns[1].append(row % 2 ? "1" : "-1");
  }
  EXPECT_EQ(table.columns[0].texts().size(), 2u);
  const auto values = attributes_of(table).table.values;
  EXPECT_EQ(values.sum().item<int64_t>(), (kRows + 2) / 3 + kRows / 2);
}

}  // namespace
}  // namespace patronus
