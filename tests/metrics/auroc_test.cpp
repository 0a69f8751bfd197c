#include "patronus/metrics/auroc.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "patronus/core/random.h"
#include "patronus/core/unknown.h"
#include "support/parity.h"

namespace patronus {
namespace {

/// The share of pairs of a row with label 1 and a row with label 0 in which the first scores higher.
double share_of_pairs(const at::Tensor& scores, const at::Tensor& labels) {
  const auto high = scores.masked_select(labels == 1).unsqueeze(1);
  const auto low = scores.masked_select(labels == 0);
  return ((high > low).to(at::kDouble) + (high == low).to(at::kDouble) / 2).mean().item<double>();
}

TEST(Auroc, CountsTiesHalf) {
  const auto labels = at::tensor({0, 0, 1, 1});
  EXPECT_EQ(auroc(at::tensor({0.1, 0.4, 0.4, 0.8}), labels), 3.5 / 4);
  EXPECT_EQ(auroc(at::tensor({0.1, 0.2, 0.3, 0.4}), labels), 1);
  EXPECT_EQ(auroc(at::tensor({0.4, 0.3, 0.2, 0.1}), labels), 0);
  EXPECT_EQ(auroc(at::ones({4}), labels), 0.5);
}

TEST(Auroc, OfColumnsIsTheShareOfPairsInTheRightOrder) {
  auto generator = make_generator(1);
  const auto scores = at::randint(0, 12, {80, 4}, generator, at::kDouble);
  const auto labels = at::randint(0, 2, {80, 3}, generator, at::kLong);
  const auto matrix = auroc_of_columns(scores, labels);
  ASSERT_EQ(matrix.sizes(), at::IntArrayRef({3, 4}));
  for (int64_t a = 0; a < 3; ++a) {
    for (int64_t d = 0; d < 4; ++d) {
      EXPECT_NEAR(matrix[a][d].item<double>(), share_of_pairs(scores.select(1, d), labels.select(1, a)),
                  1e-14);
    }
  }
}

TEST(Auroc, SignFreeIsTheSameForAScoreAndItsNegative) {
  auto generator = make_generator(2);
  const auto scores = at::randn({60, 5}, generator, at::kDouble);
  const auto labels = at::randint(0, 2, {60, 2}, generator, at::kLong);
  const auto forward = auroc_of_columns(scores, labels), backward = auroc_of_columns(-scores, labels);
  EXPECT_TRUE(test::close(forward + backward, at::ones({2, 5}), 1e-14));
  EXPECT_TRUE(test::close(sign_free(backward), sign_free(forward), 1e-14));
  EXPECT_GE(sign_free(forward).min().item<double>(), 0.5);
}

TEST(Auroc, CliffsDeltaIsTheShareOfPairsAboveLessThatBelow) {
  const auto labels = at::tensor({0, 0, 1, 1});
  const auto scores = at::tensor({0.1, 0.4, 0.4, 0.8});
  // Of the four pairs three are in order and one is a tie.
  EXPECT_DOUBLE_EQ(cliffs_delta(at::scalar_tensor(auroc(scores, labels), at::kDouble)).item<double>(), 0.75);
}

TEST(Auroc, IsChanceForLabelsOfOneClassWhichAreReported) {
  const auto labels = at::tensor({0, 0, 1, 0, 1, 1, 0, 0, 1}).view({3, 3});
  EXPECT_TRUE(at::equal(has_several_classes(labels), at::tensor({0, 1, 0}).to(at::kBool)));
  const auto scores = at::tensor({1.0, 2.0, 3.0}).unsqueeze(1);
  EXPECT_TRUE(at::equal(auroc_of_columns(scores, labels), at::tensor({0.5, 0.5, 0.5}).unsqueeze(1)));
  EXPECT_EQ(auroc(scores.squeeze(1), at::tensor({0, 0, 0})), 0.5);
}

TEST(Auroc, LeavesOutRowsWhoseLabelIsUnknown) {
  const auto scores = at::randn({80, 3}, make_generator(3), at::kDouble);
  const auto labels = at::randint(kUnknown, 2, {80, 4}, make_generator(4), at::kLong);
  const auto all = auroc_of_columns(scores, labels);
  for (int64_t a = 0; a < 4; ++a) {
    const auto rows = (labels.select(1, a) >= 0).nonzero().squeeze(1);
    EXPECT_GT(80, rows.size(0));
    const auto known = labels.index_select(0, rows).narrow(1, a, 1);
    EXPECT_TRUE(at::equal(all[a], auroc_of_columns(scores.index_select(0, rows), known)[0]));
  }
  EXPECT_EQ(auroc(scores.select(1, 0), at::full({80}, kUnknown)), 0.5);
}

TEST(Auroc, UnknownIsNoClassOfItsOwn) {
  const auto labels = at::tensor({-1, -1, -1, 1, 0, -1, 1, 1, -1}, at::kLong).view({3, 3});
  EXPECT_TRUE(at::equal(has_several_classes(labels), at::tensor({0, 1, 0}).to(at::kBool)));
  EXPECT_FALSE(has_several_classes(at::empty({0}, at::kLong)).item<bool>());
}

TEST(AurocInterval, HasAWidthWhereAllPairsAreInOrder) {
  const Estimate perfect = auroc_interval(1, 20, 20);
  EXPECT_EQ(perfect.value, 1);
  EXPECT_EQ(perfect.high, 1);
  // The bound solves 1 - a = 1.96 sqrt(a (1 - a) (1 + 19 ((1 - a) / (2 - a) + a / (1 + a))) / 400).
  EXPECT_NEAR(perfect.low, 0.89867, 1e-5);
  EXPECT_GT(auroc_interval(1, 500, 500).low, 0.996);
  EXPECT_NEAR(auroc_interval(0, 20, 20).high, 1 - perfect.low, 1e-9);
  EXPECT_LT(auroc_interval(1, 5, 500).low, perfect.low) << "of a rare attribute";
}

TEST(AurocInterval, HoldsTheTruthOfNormalScoresInMostSamples) {
  const double truth = 0.976;  // of two normal distributions 2.8 apart
  const auto generator = make_generator(7);
  const auto labels = (at::arange(60) < 20).to(at::kLong);
  int64_t held = 0;
  constexpr int64_t kSamples = 1000;
  for (int64_t i = 0; i < kSamples; ++i) {
    const auto scores = at::randn({60}, generator, at::kDouble) + 2.8 * labels;
    const Estimate e = auroc_interval(auroc(scores, labels), 20, 40);
    held += e.low <= truth && truth <= e.high;
  }
  EXPECT_NEAR(static_cast<double>(held) / kSamples, 0.95, 0.03);
}

TEST(Auroc, TakesNoLabelsButZeroAndOne) {
  EXPECT_THROW(auroc(at::ones({3}), at::tensor({0, 1, 2})), c10::Error);
  EXPECT_THROW(auroc(at::ones({3}), at::tensor({0, 1})), c10::Error);
}

TEST(BestColumns, SeparateBestInEitherDirection) {
  const auto chosen = at::tensor({0.6, 0.9, 0.2, 0.7, 0.1, 0.8}, at::kDouble).view({2, 3});
  const auto [column, rises] = best_columns(chosen);
  EXPECT_TRUE(at::equal(column, at::tensor({1, 1}, at::kLong)));
  EXPECT_TRUE(at::equal(rises, at::tensor({1, 0}, at::kLong).to(at::kBool)));
  const auto reported = at::tensor({0.8, 0.25}, at::kDouble);
  EXPECT_TRUE(at::equal(in_direction(reported, rises), at::tensor({0.8, 0.75}, at::kDouble)));
  EXPECT_EQ(best_columns(chosen[1]).column.item<int64_t>(), 1) << "of a single row";
}

}  // namespace
}  // namespace patronus
