#include "evaluation/generation_report.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "patronus/io/json_text.h"

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
  g.real_images = 40;
  g.options.sets = 2;
  g.options.set_images = 30;
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
  g.real_images = 0;
  const Json json = generation_json(g);
  EXPECT_FALSE(json["conditional"].contains("kernel_distance"));
  EXPECT_TRUE(json["conditional"].contains("precision"));
  EXPECT_TRUE(json["protocol"]["real_images"].is_null()) << "of statistics nobody knows it";
}

TEST(GenerationMarkdown, HasALineOfEachKindAndSaysWhereThereAreTooFewImages) {
  GenerationEvaluation g = two_sets();
  g.is_fid = true;
  g.reports.push_back({"unconditional", "another", {distance_of(20, 0.1), distance_of(20, 0.1)}});
  const std::string text = generation_markdown(g);
  EXPECT_NE(text.find("2 sets of 30 images against 40 real ones (test)"), std::string::npos) << text;
  EXPECT_NE(
      text.find("\n\n- features: some features\n- conditional: its protocol\n- unconditional: another\n"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find("| FID | KID | precision | recall | density | coverage |"), std::string::npos) << text;
  EXPECT_NE(text.find("| conditional | 12.000 ± 2.828 | 0.02000 ± 0.01414 | 0.500 ± 0.000 | 0.250 ± 0.000 | "
                      "1.500 ± 0.000 | 0.750 ± 0.000 |"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("| unconditional | 20.000 ± 0.000 |"), std::string::npos) << text;
  EXPECT_EQ(text.find("no more images than dimensions"), std::string::npos) << text;
  EXPECT_NE(text.find("\nConditional images have the activations of test images"), std::string::npos) << text;
  g.reports[1].sets[1].too_few = true;
  g.real_images = 0;
  const std::string warned = generation_markdown(g);
  EXPECT_NE(warned.find("no more images than dimensions"), std::string::npos) << warned;
  EXPECT_NE(warned.find("against an unknown number of real ones"), std::string::npos) << warned;
  EXPECT_EQ(generation_json(g)["remarks"].size(), 2u);
  g.reports.erase(g.reports.begin());
  const Json remarks = generation_json(g)["remarks"];
  ASSERT_EQ(remarks.size(), 1u) << "no conditional images";
  EXPECT_NE(generation_markdown(g).find(remarks[0].get<std::string>()), std::string::npos);
}

}  // namespace
}  // namespace patronus
