#include <gtest/gtest.h>

#include "patronus/io/json_text.h"
#include "patronus/report/report.h"
#include "support/failure.h"

namespace patronus {
namespace {

using Row = std::vector<std::string>;

/// Content of three prototypes with these tables: {name: {"columns": [...], "rows": [[...]]}}.
Json content_of(const Json& tables) {
  Json content = Json::parse(R"({"prototypes": ["", "hat", ""]})");
  content["tables"] = tables;
  return content;
}

TEST(ReportTable, OfARunWithoutAnalysesHasNumbersAndNames) {
  const Table table = report_table(content_of(Json::object()));
  EXPECT_EQ(table.columns, (Row{"prototype", "name"}));
  EXPECT_EQ(table.rows, (std::vector<Row>{{"0", ""}, {"1", "hat"}, {"2", ""}}));
  EXPECT_TRUE(report_table(Json::parse(R"({"prototypes": [], "tables": {}})")).rows.empty());
}

TEST(ReportTable, TakesAllColumnsOfAllAnalysesByPrototype) {
  const Table table = report_table(content_of(Json::parse(R"({
      "visualize-prototypes/prototypes.csv":
          {"columns": ["prototype", "name", "gain"], "rows": [[2, null, 0.5], [0, null, -0.25]]},
      "evaluate/control.csv": {"columns": ["prototype", "gain", "drift"], "rows": [[1, 0.125, null]]},
      "emergence/prototypes.csv":
          {"columns": ["prototype", "name", "state"], "rows": [[0, "x", "decided"], [9, "x", "of another model"]]},
      "diagnose/effects.csv": {"columns": ["source", "target"], "rows": [["hat", "hair"]]}})")));
  EXPECT_EQ(table.columns,
            (Row{"prototype", "name", "enhanced gain", "control gain", "control drift", "emergence state"}));
  EXPECT_EQ(table.rows, (std::vector<Row>{{"0", "", "-0.25", "", "", "decided"},
                                          {"1", "hat", "", "0.125", "", ""},
                                          {"2", "", "0.5", "", "", ""}}));
}

Json encoded_table() {
  return Json::parse(R"({"columns": ["attribute", "prototype", "auroc", "rises", "not_testable"],
                         "rows": [["hat", 1, 0.75, 1, null],
                                  ["hair", 1, 0.875, 0, null],
                                  ["glasses", 2, 0.99, 1, "too rare"],
                                  ["smile", null, null, 1, null]]})");
}

Json probed_table() {
  return Json::parse(R"({"columns": ["attribute", "prototype", "prototype_auroc", "positive_auroc"],
                         "rows": [["hat", 0, 0.999, 0.999],
                                  ["beard", 1, 0.8, 0.2],
                                  ["skin", 1, 0.9, 0.9],
                                  ["age", 0, 0.6, null],
                                  ["lips", null, null, null]]})");
}

TEST(ReportTable, TellsAttributesTheBestFirstAsDiagnoseFindsThemElseAsEvaluate) {
  Json both, diagnosed, probed;
  both["diagnose/encoded.csv"] = diagnosed["diagnose/encoded.csv"] = encoded_table();
  both["evaluate/attributes.csv"] = probed["evaluate/attributes.csv"] = probed_table();
  const Table table = report_table(content_of(both));
  EXPECT_EQ(table.columns, (Row{"prototype", "name", "tells"}));
  EXPECT_EQ(table.rows[0][2], "age");
  EXPECT_EQ(table.rows[1][2], "skin, hair (falls), beard (falls), hat");
  EXPECT_EQ(table.rows[2][2], "") << "what cannot be tested is not told";
  EXPECT_EQ(report_table(content_of(diagnosed)).rows[1][2], "hair (falls), hat");
  EXPECT_EQ(report_table(content_of(probed)).rows[0][2], "hat, age");
}

TEST(ReportTable, TellsByEvaluateWhatDiagnoseKnowsNothingOf) {
  const Table table = report_table(content_of(Json::parse(R"({
      "diagnose/encoded.csv": {"columns": ["attribute", "prototype", "auroc", "rises", "not_testable"],
                               "rows": [["hat", null, null, null, "rare: 3 with it"]]},
      "evaluate/attributes.csv": {"columns": ["attribute", "prototype", "prototype_auroc", "positive_auroc"],
                                  "rows": [["hat", 2, 0.9, 0.9]]}})")));
  EXPECT_EQ(table.rows[2][2], "hat");
}

TEST(ReportTable, OfADamagedTableIsADataErrorOfOneLine) {
  const char* const damaged[]{
      R"({"diagnose/encoded.csv": {"columns": ["attribute", "prototype"], "rows": [["hat", 1]]}})",
      R"({"evaluate/attributes.csv": {"columns": ["attribute", "prototype", "prototype_auroc", "positive_auroc"],
                                      "rows": [["hat", "one", 0.5, 0.5]]}})",
      R"({"evaluate/control.csv": {"columns": ["prototype", "gain"], "rows": [[null, 0.5]]}})",
      R"({"emergence/prototypes.csv": {"columns": ["prototype", "gain"], "rows": [[1]]}})"};
  for (const char* tables : damaged) {
    const std::string message = test::message_of([&] { report_table(content_of(Json::parse(tables))); });
    EXPECT_TRUE(message.starts_with("a table of prototypes or attributes is not as its command writes it: "))
        << message;
    EXPECT_EQ(message.find('\n'), std::string::npos);
  }
}

TEST(ReportJson, LosesPicturesAtAnyDepthAndNothingElse) {
  const Json content = Json::parse(R"({
      "name": "data:",
      "pictures": {"a.png": "data:image/png;base64,iVBO", "b.png": "data:image/png;base64,iVBO"},
      "views": {"3": {"original": "data:image/png;base64,", "after": 0.5, "enhanced": "data:image/png;base64,"}},
      "list": ["data:image/png;", 1, "data:image/png;", "data:image/png;",
               {"picture": "data:image/png;", "file": "real"}, null]})");
  EXPECT_EQ(report_json(content),
            Json::parse(R"({"format": "patronus-report", "name": "data:", "pictures": {},
                            "views": {"3": {"after": 0.5}}, "list": [1, {"file": "real"}, null]})"));
  EXPECT_TRUE(json_text(report_json(content)).starts_with(json_prefix(kReportFormat)));
}

}  // namespace
}  // namespace patronus
