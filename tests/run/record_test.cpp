#include "patronus/run/record.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace patronus {
namespace {

const double kUnknownNumber = std::nan("");

Record of_every_kind() {
  return {{"name", std::string("hat"), "attribute"},
          {"found", true, "found"},
          {"count", int64_t{12}, "images"},
          {"auroc", 0.98765432109, "AUROC", 2},
          {"scores.effect", Estimate{0.5, 0.25, -0.125}, "effect", 2, kSigned},
          {"scores.tad", MeanOver{0.5, 0.125, 5, "folds"}, "TAD"},
          {"best", std::vector<int64_t>{3, 17}, "best"},
          {"box", Box{0, 8, 4, 12}, "box"},
          shown("in words", "a | b")};
}

TEST(Record, InJsonNestsDottedKeysAndKeepsTypes) {
  EXPECT_EQ(record_json(of_every_kind()).dump(),
            R"({"name":"hat","found":true,"count":12,"auroc":0.98765432109,)"
            R"("scores":{"effect":{"value":0.5,"low":0.25,"high":-0.125},)"
            R"("tad":{"mean":0.5,"sd":0.125,"folds":5}},"best":[3,17],"box":[0,8,4,12]})");
}

TEST(Record, IsARowOfATable) {
  const Table table = record_table({of_every_kind(), of_every_kind()});
  EXPECT_EQ(table.columns,
            (std::vector<std::string>{"name", "found", "count", "auroc", "scores.effect", "scores.effect_low",
                                      "scores.effect_high", "scores.tad", "scores.tad sd", "best", "row0",
                                      "row1", "col0", "col1"}));
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.rows[1], (std::vector<std::string>{"hat", "1", "12", "0.9876543", "0.5", "0.25", "-0.125",
                                                     "0.5", "0.125", "3 17", "0", "8", "4", "12"}));
}

TEST(Record, InMarkdownShowsWhatHasAHead) {
  EXPECT_EQ(
      record_markdown({of_every_kind()}),
      "| attribute | found | images | AUROC | effect | TAD (± sd over folds) | best | box | in words |\n"
      "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
      "| hat | yes | 12 | 0.99 | +0.50 (+0.25 to -0.12) | 0.500 ± 0.125 | 3, 17 | 0, 8, 4, 12 | a \\| b |\n");
}

TEST(NumberText, OfNothingBelowZeroIsThatOfZero) {
  EXPECT_EQ(number_text(-0.0, 2), "0.00");
  EXPECT_EQ(number_text(-0.0, 2, kSigned), "+0.00");
  EXPECT_EQ(number_text(-0.25, 2, kSigned), "-0.25");
}

TEST(Record, SaysWhatIsNotKnown) {
  const Record record{{"number", kUnknownNumber, "number"},
                      {"effect", Estimate{kUnknownNumber, 0, 1}, "effect"},
                      {"never", MeanOver{0, 0, 0, "sets"}, "never"},
                      {"once", MeanOver{2, kUnknownNumber, 1, "sets"}, "once", 1}};
  EXPECT_EQ(record_json(record).dump(),
            R"({"number":null,"effect":{"value":null,"low":0.0,"high":1.0},"never":null,)"
            R"("once":{"mean":2.0,"sd":null,"sets":1}})");
  EXPECT_EQ(record_table({record}).rows[0], (std::vector<std::string>{"", "", "0", "1", "", "", "2", ""}));
  EXPECT_EQ(record_markdown({record}),
            "| number | effect | never (± sd over sets) | once |\n| --- | --- | --- | --- |\n| - | - | not "
            "measured | 2.0 |\n");
}

TEST(Record, LeavesOutWhatDoesNotApply) {
  const Record told = concat({{"attribute", std::string("hat"), "attribute"}},
                             known_if(false, {{"effect", Estimate{1, 2, 3}, "effect"}}));
  EXPECT_EQ(record_json(told).dump(), R"({"attribute":"hat"})");
  const Table table = record_table({told});
  EXPECT_EQ(table.columns, (std::vector<std::string>{"attribute", "effect", "effect_low", "effect_high"}));
  EXPECT_EQ(table.rows[0], (std::vector<std::string>{"hat", "", "", ""}));
  EXPECT_EQ(record_markdown({told}), "| attribute | effect |\n| --- | --- |\n| hat | - |\n");
}

TEST(Record, OfNoneHasColumnsStill) {
  EXPECT_EQ(record_table({}, {{"auroc", Estimate{}}}).columns,
            (std::vector<std::string>{"auroc", "auroc_low", "auroc_high"}));
  EXPECT_EQ(records_json({}).dump(), "[]");
  EXPECT_EQ(record_markdown({}), "");
}

TEST(MatrixTable, NamesRowsAndColumns) {
  const Table table = matrix_table("raised", {7, 2}, {0, 1}, at::tensor({1.0, 2.0, 3.0, 4.5}).view({2, 2}));
  EXPECT_EQ(table.columns, (std::vector<std::string>{"raised", "0", "1"}));
  EXPECT_EQ(table.rows, (std::vector<std::vector<std::string>>{{"7", "1", "2"}, {"2", "3", "4.5"}}));
}

}  // namespace
}  // namespace patronus
