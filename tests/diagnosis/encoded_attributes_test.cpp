#include "patronus/diagnosis/encoded_attributes.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "patronus/core/error.h"
#include "patronus/core/random.h"
#include "patronus/core/unknown.h"

namespace patronus {
namespace {

constexpr int64_t kSample = 400;

TEST(AtRowsOf, IsUnknownInAllOtherRows) {
  const auto all =
      at_rows_of(at::tensor({1, 3}, at::kLong), at::tensor({5.f, 6.f, 7.f, 8.f}).view({2, 2}), 4);
  EXPECT_TRUE(
      at::equal(all.index_select(0, at::tensor({1, 3})), at::tensor({5.f, 6.f, 7.f, 8.f}).view({2, 2})));
  EXPECT_TRUE(all.index_select(0, at::tensor({0, 2})).isnan().all().item<bool>());
}

class Encoded : public testing::Test {
 protected:
  Encoded() {
    const auto even = (at::arange(kSample) % 2).to(at::kLong);
    const auto shuffled = even.index_select(0, at::randperm(kSample, make_generator(1), at::kLong));
    images.attributes.names = {"told", "told by its absence", "shuffled", "rare"};
    images.attributes.values = at::stack({even, even, shuffled, (at::arange(kSample) < 3).to(at::kLong)}, 1);
    activations.trained = at::randn({kSample, 5}, make_generator(2));
    activations.untrained = at::randn({kSample, 5}, make_generator(3));
    activations.trained.select(1, 3) += 3 * even;
  }

  std::vector<EncodedAttribute> encode() {
    return encoded_attributes(images, split_in_halves(kSample, kSample, 0), activations, {.resamples = 60});
  }

  AttributeImages images;
  ComparedActivations activations;
};

TEST_F(Encoded, FindsThePrototypeThatTellsAnAttribute) {
  const EncodedAttribute told = encode()[0];
  EXPECT_EQ(told.prototype, 3);
  EXPECT_TRUE(told.rises);
  // Two normal distributions 3 deviations apart: Phi(3 / sqrt 2).
  EXPECT_NEAR(told.auroc.value, 0.983, 0.015);
  EXPECT_LT(told.auroc.low, told.auroc.value);
  EXPECT_NEAR(told.delta, 2 * told.auroc.value - 1, 1e-9);
  EXPECT_GT(told.spearman.value, 0.7);
  EXPECT_NEAR(told.untrained_auroc, 0.5, 0.12);
  EXPECT_EQ(told.with + told.without, kSample / 2);
  EXPECT_EQ(told.reason_untestable, "");
}

TEST_F(Encoded, OneThatFallsTellsAsWell) {
  activations.trained.select(1, 3).neg_();
  const EncodedAttribute told = encode()[1];
  EXPECT_FALSE(told.rises);
  EXPECT_NEAR(told.auroc.value, 0.983, 0.015) << "in the direction of the attribute";
  EXPECT_LT(told.delta, -0.9);
  EXPECT_LT(told.spearman.value, -0.7);
}

TEST_F(Encoded, NamesWhatCannotBeTested) {
  const auto all = encode();
  EXPECT_EQ(all[2].reason_untestable.substr(0, 12), "not encoded:");
  EXPECT_EQ(all[3].reason_untestable.substr(0, 6), "rare: ");
  EXPECT_EQ(all[3].prototype, -1);
}

TEST_F(Encoded, DoesNotCountImagesOfWhichTheAttributeIsUnknown) {
  images.attributes.values.select(1, 0).slice(0, 0, 100).fill_(kUnknown);
  activations.trained.slice(0, 0, 100).fill_(50);
  const EncodedAttribute told = encode()[0];
  EXPECT_NEAR(told.auroc.value, 0.983, 0.02);
  EXPECT_LT(told.with + told.without, kSample / 2);
}

TEST_F(Encoded, ShuffledLabelsAreNeverTested) {
  for (uint64_t set = 0; set < 4; ++set) {
    const auto order = at::randperm(kSample, make_generator(100 + set), at::kLong);
    images.attributes.values = images.attributes.values.index_select(0, order);
    for (const auto& attribute : encode()) EXPECT_NE(attribute.reason_untestable, "") << set;
  }
}

TEST(SplitHalves, AreDisjointAndCompleteAndNotTooSmall) {
  const SplitHalves halves = split_in_halves(101, 1000, 3);
  const auto all = std::get<0>(at::cat({halves.choose, halves.report}).sort());
  EXPECT_TRUE(at::equal(all, at::arange(101)));
  EXPECT_EQ(halves.choose.size(0), 50);
  EXPECT_EQ(split_in_halves(500, 60, 3).report.size(0), 30);
  EXPECT_THROW(split_in_halves(49, 1000, 3), DataError);
}

TEST(AttributeCorrelations, AreOfImagesInWhichBothAreKnown) {
  const auto values = at::tensor({1, 1, 0, 0, 1, 1, 0, 1, -1, 0, 0, -1}, at::kLong).view({6, 2});
  // Of the four rows in which both are known: (1,1) (0,0) (1,1) (0,1).
  const auto phi = attribute_correlations(values);
  EXPECT_NEAR(phi[0][1].item<double>(), 0.57735, 1e-5);
  EXPECT_EQ(phi[1][1].item<double>(), 1);
}

}  // namespace
}  // namespace patronus
