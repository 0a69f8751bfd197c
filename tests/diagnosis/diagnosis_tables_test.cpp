#include "diagnosis/diagnosis_tables.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "support/named.h"
#include "support/small_model.h"

namespace patronus {
namespace {

TEST(PrototypeAttributeTable, SaysNothingOfWhatTheJudgeCannotTell) {
  Diagnosis d;
  d.encoded.images.attributes.names = {"hat", "smile"};
  d.auroc = at::full({2, 1}, 0.7, at::kDouble);
  Control& control = d.raised.emplace();
  control.judged_change = at::tensor({0.3, -0.2}, at::kDouble).view({1, 2});
  control.judge_accuracy = at::tensor({0.9, 0.7}, at::kDouble);
  const Table table = prototype_attribute_table(d, {});
  ASSERT_EQ(table.rows.size(), 2u);
  const size_t raised = table.column("raised"), lowered = table.column("lowered");
  EXPECT_EQ(table.rows[0][raised], "0.3");
  EXPECT_EQ(table.rows[1][raised], "");
  EXPECT_EQ(table.rows[0][lowered], "") << "was not measured";
}

/// Of hat and smile over four images and two prototypes: hat, told by prototype 1, removes smile; smile is
/// rare.
Diagnosis hat_and_smile() {
  Diagnosis d;
  d.encoded.images.attributes.names = {"hat", "smile"};
  d.encoded.images.attributes.left_out = {"age (83 values)"};
  d.encoded.attributes = {
      {.name = "hat",
       .with = 40,
       .without = 60,
       .prototype = 1,
       .rises = false,
       .auroc = {0.9, 0.8, 0.95},
       .delta = -0.8},
      {.name = "smile", .with = 3, .without = 97, .reason_untestable = "rare: 3 with it"}};
  d.encoded.halves = {at::arange(4), at::arange(4)};
  d.encoded.correlations = at::tensor({1., -0.4, -0.4, 1.}, at::kDouble).view({2, 2});
  d.auroc = at::tensor({0.5, 0.1, 0.6, 0.7}, at::kDouble).view({2, 2});
  d.order = {1, 0};
  d.spearman = at::tensor({1., -0.25, -0.25, 1.}, at::kDouble).view({2, 2});
  DiagnosisJudge& judge = d.judge.emplace();
  judge.data = "other faces";
  judge.judge.names = {"hat", "smile"};
  judge.judge.accuracy = at::tensor({0.95, std::nan("")}, at::kDouble);
  judge.correlations = at::tensor({1., -0.6, -0.6, 1.}, at::kDouble).view({2, 2});
  d.images.files = {"a", "b", "c", "d"};
  d.judged_original = at::zeros({4, 2}, at::kDouble);
  d.judged_identity = at::tensor({0.1, 0., -0.1, 0., 0.3, 0.2, -0.3, 0.2}, at::kDouble).view({4, 2});
  const KindEffect removes{.kind = EditKind::kExample,
                           .images = 4,
                           .effect = {-0.5, -0.6, -0.4},
                           .put_in = -0.45,
                           .taken = std::nan(""),
                           .p = 0.0001,
                           .family_p = 0.0004,
                           .fdr = 0.02,
                           .is_found = true};
  d.pairs = {{.source = 0,
              .target = 1,
              .kinds = {KindEffect{}, removes},
              .strongest = 1,
              .verdict = Verdict::kFound,
              .dependence = "a brim hides it",
              .effect_with_more_steps = -0.44}};
  d.placebo = {{.source = 0, .target = 1, .kinds = {{.kind = EditKind::kPlacebo}}}};
  d.associations = {{.drawn_from = ActivationSource::kLatentModel,
                     .a = 0,
                     .b = 1,
                     .training = -0.1,
                     .real = {-0.2, -0.3, -0.1},
                     .generated = {-0.5, -0.6, -0.4},
                     .difference = {0.3, 0.1, 0.5},
                     .dependence = "a brim hides it"}};
  return d;
}

/// The cell of a row under the column's name.
std::string cell(const Table& table, size_t row, const std::string& column) {
  return table.rows.at(row)[table.column(column)];
}

TEST(FindingsTable, HasARowOfEveryPairAndKindOfEditAndThenOfThePlacebos) {
  const Table table = findings_table(hat_and_smile());
  ASSERT_EQ(table.rows.size(), 3u);
  EXPECT_EQ(cell(table, 0, "edit"), "single");
  EXPECT_EQ(cell(table, 1, "edit"), "example");
  EXPECT_EQ(cell(table, 2, "edit"), "placebo");
  const auto expect = [&](const std::string& column, const std::string& expected) {
    EXPECT_EQ(cell(table, 1, column), expected) << column;
  };
  expect("source", "hat");
  expect("target", "smile");
  expect("images", "4");
  expect("effect", "-0.5");
  expect("effect_low", "-0.6");
  expect("effect_high", "-0.4");
  expect("put_in", "-0.45");
  expect("taken_away", "");
  expect("family_p", "0.0004");
  expect("fdr", "0.02");
  expect("found", "1");
  expect("verdict", "found");
  expect("agreeing_ways", "1");
  expect("ways", "2");
  expect("strongest", "example");
  expect("dependence", "a brim hides it");
  expect("judge_confounded", "1");
  expect("edit_confounded", "0");
  expect("effect_with_more_steps", "-0.44");
  EXPECT_EQ(cell(table, 0, "effect_with_more_steps"), "") << "the strongest kind alone was measured again";
  EXPECT_EQ(cell(table, 2, "verdict"), "undecided");
  EXPECT_EQ(cell(table, 2, "effect_with_more_steps"), "");
}

TEST(FindingsTable, HasItsHeadsWhereNothingWasTested) {
  Diagnosis d = hat_and_smile();
  const auto columns = findings_table(d).columns, of_pairs = associations_table(d).columns;
  d.pairs.clear();
  d.placebo.clear();
  d.associations.clear();
  EXPECT_EQ(findings_table(d).columns, columns);
  EXPECT_TRUE(findings_table(d).rows.empty());
  EXPECT_EQ(associations_table(d).columns, of_pairs);
}

TEST(FindingText, SaysWhetherAnAttributeBringsOrRemovesTheOther) {
  Diagnosis d = hat_and_smile();
  EXPECT_EQ(finding_text(d, d.pairs[0]), "hat removes smile");
  d.pairs[0].kinds[1].effect = {0.5, 0.4, 0.6};
  EXPECT_EQ(finding_text(d, d.pairs[0]), "hat brings smile");
}

TEST(AssociationsTable, SaysWhereImagesWereDrawnFromAndWhatIsExaggerated) {
  const Table table = associations_table(hat_and_smile());
  ASSERT_EQ(table.rows.size(), 1u);
  EXPECT_EQ(cell(table, 0, "attribute"), "hat");
  EXPECT_EQ(cell(table, 0, "other"), "smile");
  EXPECT_EQ(cell(table, 0, "drawn_from"), "latent model");
  EXPECT_EQ(cell(table, 0, "real_low"), "-0.3");
  EXPECT_EQ(cell(table, 0, "difference"), "0.3");
  EXPECT_EQ(cell(table, 0, "amplified"), "1");
  EXPECT_EQ(cell(table, 0, "dependence"), "a brim hides it");
}

TEST(EncodedRecords, LeaveOutWhatWasNotMeasured) {
  const PrototypeNames names = test::named("1: brim\n", 2);
  const Table table = record_table(encoded_records(hat_and_smile(), names));
  EXPECT_EQ(cell(table, 0, "prototype"), "1");
  EXPECT_EQ(cell(table, 0, "name"), "brim");
  EXPECT_EQ(cell(table, 0, "rises"), "0");
  EXPECT_EQ(cell(table, 0, "auroc_high"), "0.95");
  EXPECT_EQ(cell(table, 0, "judge_accuracy"), "0.95");
  EXPECT_EQ(cell(table, 0, "identity_change"), "0.2") << "mean |change|";
  EXPECT_EQ(cell(table, 0, "not_testable"), "");
  EXPECT_EQ(cell(table, 1, "prototype"), "");
  EXPECT_EQ(cell(table, 1, "auroc"), "");
  EXPECT_EQ(cell(table, 1, "judge_accuracy"), "") << "the judge lacks it";
  EXPECT_EQ(cell(table, 1, "not_testable"), "rare: 3 with it");
  const std::string shown = record_markdown(encoded_records(hat_and_smile(), names));
  EXPECT_NE(shown.find("1 brim (falls)"), std::string::npos) << shown;
}

TEST(FindingRemarks, SpeakAgainstWhatWasFound) {
  Diagnosis d = hat_and_smile();
  EXPECT_TRUE(finding_remarks(d, d.pairs[0]).empty()) << "it depends by what it is, and is no finding";
  d.pairs[0].dependence.clear();
  const std::vector<std::string> remarks = finding_remarks(d, d.pairs[0]);
  ASSERT_EQ(remarks.size(), 2u);
  EXPECT_EQ(remarks[0], "Found by edits by example alone: perhaps a side effect of editing in that way.");
  EXPECT_TRUE(remarks[1].starts_with("The judge learnt from images in which they go together")) << remarks[1];
  d.encoded.correlations.fill_(-0.6);
  const std::vector<std::string> of_edits = finding_remarks(d, d.pairs[0]);
  ASSERT_EQ(of_edits.size(), 3u);
  EXPECT_TRUE(of_edits[1].starts_with("The edit was chosen on images in which they go together"))
      << of_edits[1];
  d.pairs[0].verdict = Verdict::kUndecided;
  EXPECT_TRUE(finding_remarks(d, d.pairs[0]).empty()) << "no way finds it";
}

TEST(SpearmanTable, PutsPrototypesThatCorrelateNextToEachOther) {
  const Table table = spearman_table(hat_and_smile());
  EXPECT_EQ(table.columns, (std::vector<std::string>{"prototype", "1", "0"}));
  EXPECT_EQ(table.rows[0], (std::vector<std::string>{"1", "1", "-0.25"}));
}

TEST(DiagnosisJson, HoldsPairsWithAllTheirEditsAndUnknownNumbersAsNull) {
  TrainedModel trained = test::small_model();
  trained.names = test::named("1: brim\n", 2);
  Diagnosis d = hat_and_smile();
  d.suspects.emplace().suspects = {{.prototype = 1, .tells = {{"not hat", 0.9}}, .spearman = -0.25}};
  const auto json = diagnosis_json(d, trained);
  ASSERT_EQ(json["pairs"].size(), 1u);
  EXPECT_EQ(json["pairs"][0]["edits"].size(), 2u);
  EXPECT_TRUE(json["pairs"][0]["edits"][1]["taken_away"].is_null());
  EXPECT_EQ(json["pairs"][0]["remarks"], nlohmann::json(finding_remarks(d, d.pairs[0])));
  EXPECT_EQ(json["placebo"][0]["edits"][0]["edit"], "placebo");
  EXPECT_EQ(json["left_out"][0], "age (83 values)");
  EXPECT_EQ(json["judge"]["accuracy"]["hat"], 0.95);
  EXPECT_EQ(json["suspects"][0]["tells"][0]["attribute"], "not hat");
  EXPECT_EQ(json["suspects"][0]["name"], "brim");
  EXPECT_EQ(json["protocol"]["edited_images"], 4);
  EXPECT_EQ(json["protocol"]["attributes"], "of the data set");
  EXPECT_EQ(json["associations"][0]["difference"]["low"], 0.1);
}

TEST(DiagnosisJson, HasTheSameListsWhereNothingCouldBeTested) {
  const TrainedModel trained = test::small_model();
  Diagnosis d = hat_and_smile();
  d.judge.reset();
  const auto json = diagnosis_json(d, trained);
  for (const char* list : {"pairs", "own_effects", "placebo", "associations"}) {
    EXPECT_TRUE(json[list].is_array() && json[list].empty()) << list;
  }
  EXPECT_EQ(json["encoded"].size(), 2u);
  EXPECT_EQ(json["protocol"]["edited_images"], 0);
  EXPECT_FALSE(json.contains("judge"));
}

}  // namespace
}  // namespace patronus
