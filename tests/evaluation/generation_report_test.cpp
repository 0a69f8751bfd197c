#include "evaluation/generation_report.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "patronus/core/text.h"
#include "patronus/io/json_text.h"
#include "patronus/io/table.h"
#include "support/run_program.h"

namespace patronus {
namespace {

SetDistance distance_of(double frechet, double kernel_mean) {
  return {.frechet = frechet,
          .kernel = KernelDistance{.mean = kernel_mean, .deviation = 0.5, .subsets = 100, .subset_size = 40},
          .precision_recall = PrecisionRecall{0.5, 0.25, 1.5, 0.75}};
}

/// Two sets of conditional images.
GenerationEvaluation two_sets() {
  GenerationEvaluation g;
  g.features = "some features";
  g.real = "test";
  g.test_images = 90;
  g.counts = {.conditions = 30, .compared = 40};
  g.counts_of_real = g.counts;
  g.options.sets = 2;
  g.options.set_images = 30;
  g.options.real_images = 40;
  g.reports = {{"conditional", "its protocol", {distance_of(10, 0.01), distance_of(14, 0.03)}}};
  return g;
}

std::vector<std::string> keys_of(const Json& json) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  return keys;
}

TEST(DistanceRecord, CallsADistanceTheFidOnlyWhereItIs) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(keys_of(record_json(distance_record(distance_of(1, 2), true))),
            (Words{"fid", "kid", "precision", "recall", "density", "coverage"}));
  EXPECT_EQ(keys_of(record_json(distance_record(distance_of(1, 2), false))),
            (Words{"frechet_distance", "kernel_distance", "precision", "recall", "density", "coverage"}));
  EXPECT_EQ(keys_of(record_json(distance_record({.frechet = 1}, true))), Words{"fid"})
      << "of statistics alone nothing else is known";
}

TEST(GenerationJson, HoldsMeansOverTheSetsAndEachSetsOwn) {
  const Json json = generation_json(two_sets());
  EXPECT_EQ(json["protocol"]["features"], "some features");
  EXPECT_EQ(json["protocol"]["real_images"], 40);
  EXPECT_EQ(json["protocol"]["real_are"], "other test images");
  EXPECT_EQ(json["protocol"]["condition_images"], 30);
  EXPECT_TRUE(json["protocol"]["training_images"].is_null());
  const Json& report = json["conditional"];
  EXPECT_EQ(report["protocol"], "its protocol");
  EXPECT_EQ(report["frechet_distance"]["mean"], 12);
  EXPECT_NEAR(report["frechet_distance"]["sd"].get<double>(), std::sqrt(8.0), 1e-12) << "of a sample";
  EXPECT_EQ(report["frechet_distance"]["sets"], 2);
  EXPECT_NEAR(report["kernel_distance"]["mean"].get<double>(), 0.02, 1e-12);
  EXPECT_EQ(report["kernel_distance"]["sets"], 2) << "over the sets, and not over their subsets";
  ASSERT_EQ(report["sets"].size(), 2u);
  EXPECT_EQ(report["sets"][1]["frechet"], 14);
}

TEST(GenerationJson, LeavesOutWhatOneOfTheSetsDoesNotHave) {
  GenerationEvaluation g = two_sets();
  g.reports[0].sets[1].kernel.reset();
  g.counts.compared = 0;
  g.reports[0].sets[0].neighbours = TrainingNeighbours{3, 10, 0};
  const Json json = generation_json(g);
  EXPECT_FALSE(json["conditional"].contains("kernel_distance"));
  EXPECT_FALSE(json["conditional"].contains("nearest_is_training"));
  EXPECT_TRUE(json["conditional"].contains("precision"));
  EXPECT_TRUE(json["protocol"]["real_images"].is_null()) << "of statistics nobody knows it";
}

/// Conditional, real and unconditional images.
GenerationEvaluation three_kinds() {
  GenerationEvaluation g = two_sets();
  g.is_fid = true;
  g.training_images = 90;
  g.reports.push_back({"real", "a third", {distance_of(1, 0), distance_of(3, 0)}});
  g.reports.push_back({"unconditional", "another", {distance_of(20, 0.1), distance_of(20, 0.1)}});
  for (auto& report : g.reports) {
    report.sets[0].neighbours = TrainingNeighbours{6, 10, 0};
    report.sets[1].neighbours = TrainingNeighbours{4, 10, 0};
  }
  return g;
}

TEST(GenerationMarkdown, HasALineOfEachKindAndSaysWhereThereAreTooFewImages) {
  GenerationEvaluation g = three_kinds();
  const std::string text = generation_markdown(g);
  EXPECT_NE(text.find("2 sets of 30 images against 40 other test images, mean"), std::string::npos) << text;
  EXPECT_NE(text.find("\n\n- features: some features\n- conditional: its protocol\n- real images: a third\n"
                      "- unconditional: another\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("| FID (± sd over sets) | KID (± sd over sets) | precision (± sd over sets) | "),
            std::string::npos)
      << text;
  EXPECT_NE(text.find(" | nearest is a training image |"), std::string::npos) << text;
  EXPECT_NE(text.find("| conditional | 12.000 ± 2.828 | 0.02000 ± 0.01414 | 0.500 ± 0.000 | 0.250 ± 0.000 | "
                      "1.500 ± 0.000 | 0.750 ± 0.000 | 0.500 (0.299 to 0.701) |"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("| unconditional | 20.000 ± 0.000 |"), std::string::npos) << text;
  EXPECT_NE(text.find("| real images | 2.000 ± 1.414 |"), std::string::npos) << text;
  EXPECT_EQ(text.find("no more images than dimensions"), std::string::npos) << text;
  EXPECT_NE(text.find("\nConditional images have the activations of real images"), std::string::npos) << text;
  g.reports[1].sets[1].too_few = true;
  g.kind = ReferenceKind::kElsewhere;
  g.real = "known.npz";
  g.counts.compared = 0;
  const std::string warned = generation_markdown(g);
  EXPECT_NE(warned.find("no more images than dimensions"), std::string::npos) << warned;
  EXPECT_NE(warned.find("against an unknown number of real ones (known.npz)"), std::string::npos) << warned;
  const size_t remarks = generation_json(g)["remarks"].size();
  g.reports.erase(g.reports.begin());
  const Json fewer = generation_json(g)["remarks"];
  EXPECT_EQ(fewer.size(), remarks - 1) << "no conditional images";
  for (const auto& remark : fewer)
    EXPECT_NE(generation_markdown(g).find(remark.get<std::string>()), std::string::npos);
}

TEST(GenerationTables, HaveARowOfEachKindAndOfEachSet) {
  const test::TemporaryFolder folder;
  write_generation(folder.path(), three_kinds());
  const Table kinds = read_csv(folder / "generation.csv"), sets = read_csv(folder / "generation-sets.csv");
  const auto cell = [](const Table& table, size_t row, const char* column) {
    return table.rows.at(row).at(table.column(column));
  };
  ASSERT_EQ(kinds.rows.size(), 3u);
  EXPECT_EQ(cell(kinds, 1, "images"), "real");
  EXPECT_EQ(cell(kinds, 1, "fid"), "2");
  EXPECT_EQ(cell(kinds, 1, "fid sd"), "1.414214");
  EXPECT_EQ(cell(kinds, 2, "nearest_is_training"), "0.5");
  EXPECT_EQ(cell(kinds, 2, "nearest_is_training_low"), "0.299298");
  ASSERT_EQ(sets.rows.size(), 6u);
  EXPECT_EQ(cell(sets, 1, "images"), "conditional");
  EXPECT_EQ(cell(sets, 1, "set"), "1");
  EXPECT_EQ(cell(sets, 1, "fid"), "14");
  EXPECT_EQ(cell(sets, 1, "nearest_is_training"), "0.4");
}

TEST(ComparisonRemarks, SayWhatSetsAreComparedWithAndWhatIsNotAsAskedFor) {
  const auto remarks_of = [](const GenerationEvaluation& g) { return join(comparison_remarks(g), "\n"); };
  GenerationEvaluation g = two_sets();
  EXPECT_EQ(comparison_remarks(g).size(), 2u);
  EXPECT_EQ(comparison_remarks(g).front(),
            "Each set has 30 of 90 test images to start from, and is compared with 40 other test images.");
  EXPECT_NE(remarks_of(g).find("Whether images repeat training images is not measured"), std::string::npos);
  g.training_images = 90;
  EXPECT_NE(
      remarks_of(g).find("Nearest is a training image: one of 90, rather than one of as many test images"),
      std::string::npos);
  g.options.set_images = 60;
  g.options.real_images.reset();
  g.counts = g.counts_of_real = {.conditions = 45, .compared = 45};
  EXPECT_NE(
      remarks_of(g).find("The test split has no 60 other images, so that each set is compared with fewer."),
      std::string::npos);
  EXPECT_NE(
      remarks_of(g).find("too few test images for a set of 60: its images start from the same 45 again"),
      std::string::npos);
  EXPECT_NE(remarks_of(g).find("Sets of real images have 45 images, fewer than generated ones"),
            std::string::npos);
  g.kind = ReferenceKind::kElsewhere;
  g.real = "train";
  g.is_fallback = true;
  EXPECT_NE(
      remarks_of(g).find("too small to compare with 60 other images, so that the training split is taken "
                         "(--reference test: with 45 others)"),
      std::string::npos);
  g.real = "pictures";
  EXPECT_NE(remarks_of(g).find("are among those compared with is not known"), std::string::npos);
  g.kind = ReferenceKind::kConditions;
  EXPECT_NE(remarks_of(g).find("compared with the very images that they have the activations of"),
            std::string::npos);
}

}  // namespace
}  // namespace patronus
