#include "analysis/emergence_sums.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "analysis/emergence_statistics.h"
#include "analysis/emergence_trajectory.h"
#include "patronus/core/random.h"
#include "patronus/metrics/bootstrap.h"
#include "support/parity.h"
#include "support/run_program.h"
#include "support/small_model.h"

namespace patronus {
namespace {

constexpr int64_t kImages = 12, kSteps = 4, kStarts = 2;

at::Tensor normal(at::IntArrayRef shape, uint64_t seed) {
  return at::randn(shape, make_generator(seed), at::kDouble);
}

/// What raising one prototype did in twelve images.
RaisedCurves curves_of(uint64_t seed) {
  return {.image = at::randperm(100, make_generator(seed), at::kLong).slice(0, 0, kImages),
          .weights = poisson_bootstrap_weights(seed, 0, kImages, 1000),
          .target_change = normal({kImages}, seed).abs() + 1,
          .difference = normal({kImages, kSteps}, seed + 1),
          .late = normal({kImages, kStarts}, seed + 2),
          .centroid = normal({kImages}, seed + 3).abs()};
}

RaisedCurves part_of(const RaisedCurves& all, int64_t first, int64_t end) {
  const auto part = [&](const at::Tensor& x) { return x.slice(0, first, end); };
  return {.image = part(all.image),
          .weights = all.weights.slice(1, first, end),
          .target_change = part(all.target_change),
          .difference = part(all.difference),
          .late = part(all.late),
          .centroid = part(all.centroid)};
}

void expect_close(const EmergenceSums& a, const EmergenceSums& b) {
  for (const auto sum : {&EmergenceSums::counted, &EmergenceSums::target_change, &EmergenceSums::difference,
                         &EmergenceSums::square, &EmergenceSums::late, &EmergenceSums::centroid,
                         &EmergenceSums::example, &EmergenceSums::largest})
    EXPECT_TRUE(test::close(a.*sum, b.*sum, 1e-9));
}

TEST(EmergenceSums, AreTheSameHoweverImagesAreDivided) {
  const RaisedCurves curves = curves_of(1);
  EmergenceSums whole = empty_sums(2, kSteps, kStarts), parts = empty_sums(2, kSteps, kStarts);
  add_curves(whole, 1, curves);
  for (const auto& [first, end] : {std::pair{7, 12}, {0, 3}, {3, 7}})
    add_curves(parts, 1, part_of(curves, first, end));
  expect_close(parts, whole);
  EXPECT_EQ(whole.example[0].item<int64_t>(), -1) << "of the other prototype there is nothing";
  EXPECT_EQ(whole.difference.select(1, 0).abs().max().item<double>(), 0);
}

TEST(EmergenceSums, AreKeptUnderTheirProtocol) {
  const test::TemporaryFolder folder;
  EmergenceSums sums = empty_sums(1, kSteps, kStarts);
  add_curves(sums, 0, curves_of(4));
  sums.images = kImages;
  save_sums(folder / "sums.pt", sums, "this model");
  EXPECT_FALSE(load_sums(folder / "sums.pt", "another model").has_value());
  EXPECT_FALSE(load_sums(folder / "none.pt", "this model").has_value());
  const auto kept = load_sums(folder / "sums.pt", "this model");
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(kept->images, kImages);
  expect_close(*kept, sums);
}

/// Sums of `difference` [K, S] in each of ten images alike, decided at `late` [K, L] of it.
Emergence emergence_with(const at::Tensor& difference, const at::Tensor& late, const at::Tensor& centroid) {
  const int64_t prototypes = difference.size(0), images = 10;
  EmergenceSums sums = empty_sums(prototypes, difference.size(1), late.size(1));
  sums.images = images;
  sums.seen.fill_(images);
  sums.loss.copy_(at::tensor({1., 1.5, 3.}, at::kDouble) * images);
  std::vector<int64_t> numbers;
  for (int64_t k = 0; k < prototypes; ++k) {
    numbers.push_back(10 + k);
    add_curves(sums, k,
               {.image = at::arange(images),
                .weights = poisson_bootstrap_weights(1, 0, images, 1000),
                .target_change = at::ones({images}, at::kDouble),
                .difference = difference[k].expand({images, -1}),
                .late = late[k].expand({images, -1}),
                .centroid = centroid[k].expand({images})});
  }
  return emergence_of(sums, numbers, {{999, 666, 333, 0}, {666, 333}});
}

TEST(EmergenceOf, ImagesThatAreAllAlikeHasNoWidth) {
  const Emergence e =
      emergence_with(at::tensor({0., 0.2, 0.6, 0.8}, at::kDouble).view({1, 4}),
                     at::tensor({0.8, 0.2}, at::kDouble).view({1, 2}), at::tensor({3.}, at::kDouble));
  EXPECT_TRUE(test::close(e.share.value[0], at::tensor({0., 0.25, 0.75, 1.}, at::kDouble), 1e-12));
  for (const auto* estimates : {&e.difference, &e.share, &e.time, &e.late, &e.decided, &e.centroid}) {
    EXPECT_TRUE(test::close(estimates->low, estimates->value, 1e-9));
    EXPECT_TRUE(test::close(estimates->high, estimates->value, 1e-9));
  }
  EXPECT_NEAR(e.deviation.abs().max().item<double>(), 0, 1e-7);
  // Half of it is there between 666 and 333, and lost where the edit begins between them.
  EXPECT_NEAR(e.time.value[0][1].item<double>(), 499.5, 1e-9);
  EXPECT_NEAR(e.decided.value[0].item<double>(), 666 - 333 * 0.5 / 0.75, 1e-9);
  EXPECT_EQ(e.states[0], EmergenceState::kEmerges);
  EXPECT_TRUE(test::close(e.cost.value, at::tensor({1.5, 3.}, at::kDouble).expand({4, 2}), 1e-12));
}

TEST(EmergenceOf, OrdersPrototypesByTheirTimeAndThoseThatDoNotEmergeByWhatArrives) {
  const auto difference = at::tensor({0., 0.,   0.2,  0.8,   // late
                                      0., 0.01, 0.02, 0.05,  // too little
                                      0., 0.7,  0.8,  0.8,   // early
                                      0., 0.,   0.,   -0.5,  // the wrong way
                                      0., 0.7,  0.8,  0.8},  // early, and decided earlier
                                     at::kDouble)
                              .view({5, 4});
  auto late = at::zeros({5, 2}, at::kDouble);
  late[2][0] = 0.6;
  late[4][0] = 0.1;
  const Emergence e = emergence_with(difference, late, at::arange(1, 6, at::kDouble));
  EXPECT_EQ(e.order, (std::vector<int64_t>{4, 2, 0, 1, 3}));
  EXPECT_EQ(e.prototypes, (std::vector<int64_t>{10, 11, 12, 13, 14}));
  EXPECT_EQ(e.frequency.prototypes, 3) << "too few that emerge for a relation";
  EXPECT_TRUE(e.time.value[3].isnan().all().item<bool>()) << "nothing arrives that could be timed";
}

TEST(EmergenceTimesteps, BeginLateAtDifferentStepsBelowTheFirst) {
  const TrainedModel trained = test::small_model();
  for (const int64_t steps : {2, 3, 7, 20}) {
    for (const int64_t starts : {0, 1, 5, 30}) {
      EmergenceOptions options;
      options.starts = starts;
      options.regenerate.inversion.steps = steps;
      const EmergenceTimesteps timesteps = emergence_timesteps(trained, options);
      EXPECT_EQ(std::ssize(timesteps.steps), steps);
      EXPECT_EQ(timesteps.steps.front(), 999);
      EXPECT_EQ(std::ssize(timesteps.late), std::min(starts, steps - 1));
      const std::set<int64_t> all(timesteps.steps.begin() + 1, timesteps.steps.end());
      for (size_t i = 0; i < timesteps.late.size(); ++i) {
        EXPECT_TRUE(all.contains(timesteps.late[i]));
        if (i > 0) {
          EXPECT_LT(timesteps.late[i], timesteps.late[i - 1]);
        }
      }
    }
  }
}

}  // namespace
}  // namespace patronus
