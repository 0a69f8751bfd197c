#include "patronus/diagnosis/prototype_ties.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>

#include "patronus/core/random.h"
#include "patronus/core/unknown.h"

namespace patronus {
namespace {

constexpr int64_t kEncoded = 400, kVaried = 6, kEdited = 16;

/// Prototypes 0 and 1 correlate by about .8, so do 2 and 3, negatively; the others with none. All look at
/// places of their own but 3, which looks where 2 does.
Encoding some_encoding() {
  const auto z = at::randn({kEncoded, kVaried}, make_generator(1), at::kDouble);
  auto activation = z.clone();
  activation.select(1, 1).copy_(0.8 * z.select(1, 0) + 0.6 * z.select(1, 1));
  activation.select(1, 3).copy_(-0.8 * z.select(1, 2) + 0.6 * z.select(1, 3));
  auto boxes = at::zeros({kEncoded, kVaried, 4}, at::kLong);
  for (int64_t k = 0; k < kVaried; ++k) {
    const int64_t row = 4 * (k == 3 ? 2 : k);
    boxes.select(1, k).copy_(at::tensor({row, row + 4, int64_t{0}, int64_t{4}}));
  }
  return {.files = {}, .activation = activation.to(at::kFloat), .distance = {}, .boxes = boxes};
}

/// Every prototype moved by two standard deviations in the direction of `sign`; activations elsewhere change
/// by noise alone.
Control noisy_control(double sign, uint64_t seed) {
  Control control;
  control.lowers = sign < 0;
  control.deviation = at::ones({kVaried}, at::kDouble);
  control.target_change = at::full({kVaried, kEdited}, 2 * sign, at::kDouble);
  control.change_elsewhere = 0.2 * at::randn({kVaried, kEdited, kVaried}, make_generator(seed), at::kDouble);
  return control;
}

class PrototypeTiesOfMadeUpEdits : public testing::Test {
 protected:
  /// Editing `source` changes `target` by `effect` for one requested.
  void add_effect(int64_t source, int64_t target, double effect) {
    for (Control* control : {&raised, &lowered}) {
      auto change = control->change_elsewhere[source].select(1, target);
      change += effect * control->target_change[source];
    }
  }
  PrototypeTies find() { return find_prototype_ties(encoding, raised, lowered); }

  Encoding encoding = some_encoding();
  Control raised = noisy_control(1, 2);
  Control lowered = noisy_control(-1, 3);
};

TEST_F(PrototypeTiesOfMadeUpEdits, AreOfCorrelatedPrototypesThatLookAtDifferentPlaces) {
  const PrototypeTies found = find();
  EXPECT_EQ(found.pairs, 15);
  EXPECT_EQ(found.same_place, 1) << "2 and 3";
  ASSERT_EQ(found.ties.size(), 1u);
  const PrototypeTie& tie = found.ties.front();
  EXPECT_EQ(tie.first + tie.second, 1);
  EXPECT_NEAR(tie.spearman.value, 0.79, 0.05);
  EXPECT_GT(tie.spearman.low, 0.6);
  EXPECT_LT(tie.spearman.high, 0.9);
  EXPECT_EQ(tie.overlap, 0);
  EXPECT_EQ(tie.verdict, TieVerdict::kImagesOnly) << "edits change nothing";
}

TEST_F(PrototypeTiesOfMadeUpEdits, AreFoundByTheStrongerOfBothDirections) {
  add_effect(1, 0, 0.4);
  const PrototypeTie tie = find().ties.front();
  EXPECT_EQ(tie.first, 1);
  EXPECT_EQ(tie.second, 0);
  EXPECT_EQ(tie.verdict, TieVerdict::kTied);
  EXPECT_NEAR(tie.effect.value, 0.4, 0.06);
  EXPECT_LE(tie.family_p, 0.01);
  EXPECT_NEAR(tie.effect_back.value, 0, 0.06);
  EXPECT_GT(tie.family_p_back, 0.05);
}

TEST_F(PrototypeTiesOfMadeUpEdits, AreNoneAgainstTheCorrelationOrOfHardlyAnyEffect) {
  add_effect(0, 1, -0.4);
  EXPECT_EQ(find().ties.front().verdict, TieVerdict::kImagesOnly) << "the images say the opposite";
  add_effect(0, 1, 0.4 + 0.08);
  EXPECT_EQ(find().ties.front().verdict, TieVerdict::kImagesOnly) << "less than 0.1";
}

TEST_F(PrototypeTiesOfMadeUpEdits, UseTheImagesInWhichAPrototypeCouldBeMoved) {
  add_effect(0, 1, 0.4);
  for (const int64_t image : {0, 1, 2, 3}) {
    raised.target_change[0][image] = kNaN;
    raised.change_elsewhere[0][image].fill_(kNaN);
  }
  const PrototypeTie tie = find().ties.front();
  EXPECT_EQ(tie.verdict, TieVerdict::kTied);
  EXPECT_NEAR(tie.effect.value, 0.4, 0.06);
}

TEST_F(PrototypeTiesOfMadeUpEdits, HaveNoEffectsOfTooFewImages) {
  add_effect(0, 1, 0.4);
  for (Control* control : {&raised, &lowered}) {
    control->target_change = control->target_change.slice(1, 0, 1);
    control->change_elsewhere = control->change_elsewhere.slice(1, 0, 1);
  }
  const PrototypeTie tie = find().ties.front();
  EXPECT_TRUE(std::isnan(tie.effect.value));
  EXPECT_EQ(tie.verdict, TieVerdict::kImagesOnly);
}

TEST_F(PrototypeTiesOfMadeUpEdits, LeaveOutPrototypesThatDoNotVary) {
  raised.deviation[1] = kNaN;
  const PrototypeTies found = find();
  EXPECT_EQ(found.pairs, 10);
  EXPECT_TRUE(found.ties.empty());
}

TEST_F(PrototypeTiesOfMadeUpEdits, AreSeldomFoundByChance) {
  int64_t alarms = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    raised = noisy_control(1, 100 + 2 * seed);
    lowered = noisy_control(-1, 101 + 2 * seed);
    const auto found =
        find_prototype_ties(encoding, raised, lowered, {.least_effect = 0, .flips = 500, .resamples = 200});
    alarms += found.ties.front().verdict == TieVerdict::kTied;
  }
  EXPECT_LE(alarms, 5);
}

}  // namespace
}  // namespace patronus
