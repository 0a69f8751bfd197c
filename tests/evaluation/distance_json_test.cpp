#include "evaluation/distance_json.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "patronus/io/json_text.h"

namespace patronus {
namespace {

SetDistance full_distance() {
  return {
      .frechet = 1.0 / 3,
      .too_few = true,
      .kernel = KernelDistance{.mean = -1e-9, .deviation = 2, .subsets = 100, .subset_size = 1000},
      .precision_recall = PrecisionRecall{.precision = 0.1, .recall = 0.2, .density = 1.3, .coverage = 0.4},
      .neighbours = TrainingNeighbours{.training = 7, .vectors = 20, .shared_pairs = 6}};
}

TEST(DistanceJson, ReadsBackToTheLastDigitWhatItWrites) {
  const SetDistance read = distance_from_json(Json::parse(json_text(distance_json(full_distance()))));
  EXPECT_EQ(read.frechet, 1.0 / 3);
  EXPECT_TRUE(read.too_few);
  ASSERT_TRUE(read.kernel && read.precision_recall);
  EXPECT_EQ(read.kernel->mean, -1e-9);
  EXPECT_EQ(read.kernel->deviation, 2);
  EXPECT_EQ(read.kernel->subsets, 100);
  EXPECT_EQ(read.kernel->subset_size, 1000);
  EXPECT_EQ(read.precision_recall->precision, 0.1);
  EXPECT_EQ(read.precision_recall->recall, 0.2);
  EXPECT_EQ(read.precision_recall->density, 1.3);
  EXPECT_EQ(read.precision_recall->coverage, 0.4);
  ASSERT_TRUE(read.neighbours);
  EXPECT_EQ(read.neighbours->training, 7);
  EXPECT_EQ(read.neighbours->vectors, 20);
  EXPECT_EQ(read.neighbours->shared_pairs, 6);
}

TEST(DistanceJson, OfStatisticsAloneHasNoMoreThanTheDistance) {
  const SetDistance read = distance_from_json(distance_json({.frechet = 2}));
  EXPECT_EQ(read.frechet, 2);
  EXPECT_FALSE(read.too_few || read.kernel || read.precision_recall || read.neighbours);
}

TEST(DistanceJson, IsNotReadWhereANumberIsMissing) {
  for (const char* key : {"frechet", "too_few_images", "recall"}) {
    Json json = distance_json(full_distance());
    json.erase(key);
    EXPECT_THROW(distance_from_json(json), Json::exception) << key;
  }
  Json json = distance_json(full_distance());
  json["kernel"].erase("subsets");
  EXPECT_THROW(distance_from_json(json), Json::exception);
  const Json infinite = distance_json({.frechet = std::numeric_limits<double>::infinity()});
  EXPECT_THROW(distance_from_json(Json::parse(json_text(infinite))), Json::exception)
      << "JSON has no infinity";
}

}  // namespace
}  // namespace patronus
