#include "patronus/metrics/training_neighbours.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>

#include "patronus/core/random.h"
#include "patronus/metrics/wilson_interval.h"

namespace patronus {
namespace {

at::Tensor draws(int64_t count, int64_t dimensions, uint64_t seed) {
  return at::randn({count, dimensions}, make_generator(seed)) + 100;
}

double share_of(const at::Tensor& generated, const at::Tensor& training, const at::Tensor& held_out,
                const at::Tensor& sources = {}) {
  return training_share({training_neighbours(generated, training, held_out, sources)}).value;
}

TEST(TrainingNeighbours, CopiesAreAllNearestToWhatTheyAreCopiesOf) {
  const auto training = draws(600, 16, 1), held_out = draws(600, 16, 2);
  EXPECT_EQ(share_of(training, training, held_out), 1);
  EXPECT_EQ(share_of(held_out, training, held_out), 0);
  EXPECT_EQ(share_of(training + 0.01 * at::randn_like(training), training, held_out), 1);
}

TEST(TrainingNeighbours, FreshDrawsAreNearestToEitherHalfOfTheTime) {
  EXPECT_NEAR(share_of(draws(2000, 8, 3), draws(1000, 8, 1), draws(1000, 8, 2)), 0.5, 0.05);
}

TEST(TrainingNeighbours, WhatAVectorWasGeneratedFromDoesNotCountForIt) {
  const auto training = draws(1000, 8, 1), held_out = draws(1000, 8, 2);
  const auto sources = at::arange(1000).flip(0);
  const auto generated = held_out.flip(0) + 0.01;
  EXPECT_EQ(share_of(generated, training, held_out), 0);
  EXPECT_NEAR(share_of(generated, training, held_out, sources), 0.5, 0.05);
  EXPECT_EQ(share_of(generated, training, held_out, at::full({1000}, -1, at::kLong)), 0) << "of none of them";
}

TEST(TrainingNeighbours, ExcludedRowsAreAsManyOnBothSides) {
  const auto at_places = [](const std::vector<double>& places) {
    return at::tensor(places, at::kDouble).unsqueeze(1);
  };
  const auto found =
      training_neighbours(at_places({0}), at_places({0.1, 5}), at_places({0.2, 4}), at::tensor({0L}));
  EXPECT_EQ(found.training, 0) << "0.1 and 0.2 do not count, and 4 is nearer than 5";
  EXPECT_EQ(found.vectors, 1);
}

TEST(TrainingNeighbours, OfCopiesOfOneAnotherNothingIsTold) {
  const auto same = draws(50, 4, 1);
  const auto found = training_neighbours(draws(80, 4, 2), same, same);
  EXPECT_EQ(found.vectors, 0);
  EXPECT_TRUE(std::isnan(training_share({found}).value));
}

TEST(TrainingNeighbours, BlocksOfRowsMakeNoDifference) {
  const auto training = draws(300, 4, 1), held_out = draws(300, 4, 2), generated = draws(1100, 4, 3);
  const auto all = training_neighbours(generated, training, held_out);
  TrainingNeighbours single;
  for (const auto& row : generated.split(1)) {
    const auto found = training_neighbours(row, training, held_out);
    single.training += found.training;
    single.vectors += found.vectors;
  }
  EXPECT_EQ(all.training, single.training);
  EXPECT_EQ(all.vectors, single.vectors);
  EXPECT_EQ(all.vectors, 1100);
}

TEST(TrainingShare, CountsVectorsOfOneNeighbourAsOneTrial) {
  const auto training = at::zeros({1, 2}), held_out = at::ones({1, 2});
  const auto found = training_neighbours(at::full({50, 2}, 0.1), training, held_out);
  EXPECT_EQ(found.shared_pairs, 50 * 49);
  const auto share = training_share({found, found}), once = wilson_interval(1, 1);
  EXPECT_EQ(share.value, 1);
  EXPECT_DOUBLE_EQ(share.low, once.low);
}

TEST(TrainingShare, OfVectorsWithNeighboursOfTheirOwnIsWilsons) {
  const auto share = training_share({{6, 10, 0}, {4, 10, 0}}), expected = wilson_interval(10, 20);
  EXPECT_EQ(share.value, 0.5);
  EXPECT_DOUBLE_EQ(share.low, expected.low);
  EXPECT_DOUBLE_EQ(share.high, expected.high);
  EXPECT_TRUE(std::isnan(training_share({}).value));
}

TEST(TrainingShare, ItsIntervalHoldsWhereFewVectorsAreNearestToMany) {
  int64_t inside = 0, inside_wilsons = 0;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    // In so many dimensions a few vectors near the centre are the nearest ones of most others.
    const auto found = training_neighbours(draws(1500, 128, 3 * seed), draws(300, 128, 3 * seed + 1),
                                           draws(300, 128, 3 * seed + 2));
    const auto share = training_share({found}), simple = wilson_interval(found.training, found.vectors);
    inside += share.low <= 0.5 && 0.5 <= share.high;
    inside_wilsons += simple.low <= 0.5 && 0.5 <= simple.high;
  }
  EXPECT_GE(inside, 54);
  EXPECT_LE(inside_wilsons, 40) << "which the test is about";
}

}  // namespace
}  // namespace patronus
