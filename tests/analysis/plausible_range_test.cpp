#include "patronus/analysis/plausible_range.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>

#include "patronus/core/random.h"
#include "support/failure.h"
#include "support/parity.h"
#include "support/small_model.h"

namespace patronus {
namespace {

at::Tensor two_prototypes() {
  return at::tensor({0.0f, 5.0f, 1.0f, 9.0f, 2.0f, 7.0f, 3.0f, 6.0f, 4.0f, 8.0f}).view({5, 2});
}

TEST(PlausibleRange, IsEachPrototypesOwnOrTheLargestOfAll) {
  EXPECT_TRUE(at::equal(plausible_range(two_prototypes(), {}).maximum, at::tensor({4.0f, 9.0f})));
  EXPECT_TRUE(at::equal(plausible_range(two_prototypes(), {.maximum = MaximumRule::kGlobal}).maximum,
                        at::tensor({9.0f, 9.0f})));
}

TEST(PlausibleRange, AQuantileLeavesOutTheLargest) {
  EXPECT_TRUE(test::close(plausible_range(two_prototypes(), {.quantile = 0.75}).maximum,
                          at::tensor({3.0f, 8.0f}), 1e-6));
  EXPECT_TRUE(test::close(
      plausible_range(two_prototypes(), {.quantile = 0.875, .maximum = MaximumRule::kGlobal}).maximum,
      at::tensor({7.875f, 7.875f}), 1e-6));
}

TEST(PlausibleRange, ReachesFromTheSmallestOrItsCounterpartOfTheQuantile) {
  EXPECT_TRUE(at::equal(plausible_range(two_prototypes(), {}).minimum, at::tensor({0.0f, 5.0f})));
  EXPECT_TRUE(test::close(plausible_range(two_prototypes(), {.quantile = 0.75}).minimum,
                          at::tensor({1.0f, 6.0f}), 1e-6));
  EXPECT_TRUE(at::equal(plausible_range(two_prototypes(), {.maximum = MaximumRule::kGlobal}).minimum,
                        at::tensor({0.0f, 0.0f})));
}

TEST(PlausibleRange, TakesMoreActivationsThanAQuantileOfLibTorch) {
  const auto many = at::arange(17'000'000, at::kFloat).view({-1, 2});
  EXPECT_EQ(plausible_range(many, {}).maximum[1].item<float>(), many.max().item<float>());
}

TEST(AsksEnough, OfHalfADeviationInAllPrototypesTogether) {
  const auto deviation = at::tensor({1.0, 4.0, NAN}, at::kDouble);
  const auto enough = [&](const std::vector<float>& change) {
    return is_measurable_change(at::tensor(change), deviation).item<bool>();
  };
  EXPECT_TRUE(enough({0.5F, 0, 0}));
  EXPECT_TRUE(enough({-0.5F, 0, 0})) << "downwards, too";
  EXPECT_FALSE(enough({0.49F, 0, 0}));
  EXPECT_FALSE(enough({0, 1.9F, 0})) << "in the prototype's own unit";
  EXPECT_TRUE(enough({0.4F, 1.6F, 0})) << "0.4 and 0.4 are 0.57 long";
  EXPECT_FALSE(enough({0.4F, 0, 9})) << "what does not vary has no unit";
  EXPECT_FALSE(enough({0, 0, 0}));
}

TEST(MoveToExtreme, TakesImagesThatLieHalfADeviationFromIt) {
  const auto activation = two_prototypes();
  const RealActivations real{activation, plausible_range(activation, {}),
                             at::tensor({2.0, 4.0}, at::kDouble)};
  const MovedActivations raised = move_to_extreme(real, activation, 1, /*lowers=*/false);
  EXPECT_TRUE(at::equal(raised.rows, at::tensor({0, 2, 3}))) << "5, 7 and 6 of at most 9, not 9 and 8";
  EXPECT_TRUE(at::equal(raised.target_change, at::tensor({4.0, 2.0, 3.0}, at::kDouble)));
  EXPECT_TRUE(at::equal(raised.edited, at::tensor({0.0f, 9.0f, 2.0f, 9.0f, 3.0f, 9.0f}).view({3, 2})));
  const MovedActivations lowered = move_to_extreme(real, activation, 0, /*lowers=*/true);
  EXPECT_TRUE(at::equal(lowered.rows, at::tensor({1, 2, 3, 4})));
  EXPECT_TRUE(at::equal(lowered.target_change, at::tensor({-1.0, -2.0, -3.0, -4.0}, at::kDouble)));
}

TEST(PlausibleRange, OfTheNegativesIsTheRangeTurnedRound) {
  const auto activation = at::randn({40, 3}, make_generator(1));
  for (const auto maximum : {MaximumRule::kPrototype, MaximumRule::kGlobal}) {
    const PlausibleRangeOptions options{.quantile = 0.8, .maximum = maximum};
    const PlausibleRange range = plausible_range(activation, options),
                         turned = plausible_range(-activation, options);
    EXPECT_TRUE(test::close(turned.maximum, -range.minimum, 1e-5));
    EXPECT_TRUE(test::close(turned.minimum, -range.maximum, 1e-5));
    EXPECT_TRUE((range.minimum < range.maximum).all().item<bool>());
  }
}

TEST(Varying, AreThoseAboveAThousandthOfTheLargestHoweverManyAreDead) {
  const auto varies = is_varying(at::tensor({1e-8, 0.3, 1e-5, 2.9e-4, 3.1e-4}, at::kDouble));
  EXPECT_TRUE(at::equal(varies, at::tensor({0, 1, 0, 0, 1}) == 1));
  EXPECT_FALSE(is_varying(at::zeros({3})).any().item<bool>());
}

TEST(RealActivations, AreOfTheSameImagesForEveryAnalysisAndKnowWhatDoesNotVary) {
  TrainedModel trained = test::small_model();
  const Dataset faces = open_dataset(trained.config.data, Split::kTrain);
  trained.model.encoder->fix_activations(at::tensor({3}, at::kLong), at::tensor({0.1F}));
  const RealActivations first = real_activations(trained, faces, {.images = 20}),
                        again = real_activations(trained, faces, {.images = 20, .quantile = 0.9});
  ASSERT_EQ(first.activation.sizes(), (at::IntArrayRef{20, 6}));
  EXPECT_TRUE(at::equal(first.activation, again.activation));
  EXPECT_TRUE(at::equal(first.deviation.isnan(), at::arange(6) == 3));
  const auto expected = first.activation.to(at::kDouble).std(0, /*unbiased=*/false);
  for (const int64_t k : {0, 1, 2, 4, 5}) {
    EXPECT_NEAR(first.deviation[k].item<double>(), expected[k].item<double>(), 1e-12);
    EXPECT_EQ(first.range.maximum[k].item<float>(), first.activation.select(1, k).max().item<float>());
  }
  for (const bool lowers : {false, true})
    EXPECT_EQ(move_to_extreme(first, first.activation, 3, lowers).rows.numel(), 0) << "it cannot be moved";
  trained.config.seed += 1;
  EXPECT_FALSE(at::equal(real_activations(trained, faces, {.images = 20}).activation, first.activation));
  EXPECT_EQ(real_activations(trained, faces, {.images = 1000}).activation.size(0), 64)
      << "all that there are";
}

TEST(PlausibleRange, WrongSettingsAreRefused) {
  EXPECT_EQ(test::message_of([] { plausible_range(two_prototypes(), {.quantile = 0.05}).maximum; }),
            "quantile 0.05: expected 0.5 to 1");
  EXPECT_EQ(test::message_of([] { plausible_range(two_prototypes(), {.quantile = NAN}).maximum; }),
            "quantile nan: expected 0.5 to 1");
}

}  // namespace
}  // namespace patronus
