#include "patronus/analysis/strength_search.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "analysis/edit_measures.h"
#include "support/failure.h"
#include "support/parity.h"
#include "support/small_model.h"

namespace patronus {
namespace {

class ArriveWithASmallModel : public testing::Test {
 protected:
  static constexpr int64_t kPrototype = 2;

  ArriveWithASmallModel() {
    options.inversion.steps = 4;
    inverted = invert_images(trained, faces, at::arange(6), options);
    edited = inverted.activation.clone();
    edited.select(1, kPrototype).add_(0.1);
  }

  StrengthSearchResult search(const StrengthSearchOptions& how) {
    return search_strength(trained, {inverted.x_T, inverted.activation, edited}, deviation, options, how);
  }

  TrainedModel trained = test::small_model();
  Dataset faces = open_dataset(trained.config.data, Split::kTest);
  RegenerateOptions options;
  InvertedImages inverted;
  at::Tensor edited;
  at::Tensor deviation = at::full({6}, 0.1, at::kDouble);  // so that all of the edit is enough
};

TEST_F(ArriveWithASmallModel, ImagesAreThoseOfTheStrengthsFound) {
  const StrengthSearchResult found = search({});
  const auto again =
      regenerate(trained, {inverted.x_T, inverted.activation, edited, found.strength}, options);
  EXPECT_TRUE(test::close(found.images.image, again.image, 1e-4));
  EXPECT_TRUE(test::close(found.images.activation, again.activation, 1e-3));
  const auto gain = edit_gain(inverted.activation, edited, found.images.activation, deviation);
  EXPECT_TRUE(test::close(found.gain, gain, 1e-6));
  EXPECT_TRUE(at::equal(found.arrived, (gain - 1).abs() <= 0.1));
}

TEST_F(ArriveWithASmallModel, ComesAtLeastAsCloseAsTheFirstStrength) {
  const StrengthSearchResult first = search({.rounds = 1}), found = search({});
  EXPECT_TRUE(at::equal(first.strength, at::full({6}, options.strength)));
  EXPECT_TRUE(((found.gain - 1).abs() <= (first.gain - 1).abs() + 1e-6).all().item<bool>());
  EXPECT_TRUE((found.strength <= 16).all().item<bool>());
}

TEST_F(ArriveWithASmallModel, DoesNotDependOnTheBatchSize) {
  const StrengthSearchResult whole = search({.rounds = 4});
  options.batch_size = 4;
  const StrengthSearchResult parts = search({.rounds = 4});
  EXPECT_TRUE(test::close(parts.strength, whole.strength, 1e-2));
  EXPECT_TRUE(test::close(parts.images.image, whole.images.image, 1e-2));
}

TEST_F(ArriveWithASmallModel, SearchesEditsOfTheSameNoiseOneByOne) {
  const auto source = at::tensor({4, 1, 4}, at::kLong);
  const auto of = [&](const at::Tensor& all) { return all.index_select(0, source); };
  edited[4].add_(0.1);
  const StrengthSearchResult copied = search_strength(
      trained, {of(inverted.x_T), of(inverted.activation), of(edited)}, deviation, options, {.rounds = 4});
  const ActivationEdit edit{
      .x_T = inverted.x_T, .activation = of(inverted.activation), .edited = of(edited), .source = source};
  const StrengthSearchResult shared = search_strength(trained, edit, deviation, options, {.rounds = 4});
  EXPECT_TRUE(at::equal(shared.strength, copied.strength));
  EXPECT_TRUE(at::equal(shared.images.image, copied.images.image));
}

TEST_F(ArriveWithASmallModel, WhatAsksForTooLittleIsRegeneratedOnceAndNotSearched) {
  edited[1].copy_(inverted.activation[1]);
  edited[4].copy_(inverted.activation[4]).select(0, kPrototype).add_(0.049);
  const StrengthSearchResult found = search({});
  for (const int64_t little : {1, 4}) {
    EXPECT_TRUE(found.gain[little].isnan().item<bool>());
    EXPECT_FALSE(found.arrived[little].item<bool>());
    EXPECT_EQ(found.strength[little].item<double>(), options.strength);
  }
  EXPECT_EQ(found.gain.isnan().sum().item<int64_t>(), 2);
  EXPECT_TRUE(test::close(found.images.image[1], inverted.image[1], 1e-4));
}

TEST_F(ArriveWithASmallModel, ASearchThatCannotBeginIsRefused) {
  options.strength = 0;
  EXPECT_EQ(test::message_of([&] { search({}); }), "strength 0: a search starts above 0 and at most at 16");
}

TEST_F(ArriveWithASmallModel, WhatComesToNothingFiniteHasNotArrived) {
  inverted.x_T[1].fill_(std::numeric_limits<float>::quiet_NaN());
  const StrengthSearchResult found = search({.rounds = 2});
  EXPECT_FALSE(found.arrived[1].item<bool>());
}

TEST(LogArrival, SaysHowManyArriveAndHowCloseTheOthersCome) {
  const auto said = [](std::vector<int64_t> arrived) {
    arrived.push_back(0);  // one of which too little is asked
    const StrengthSearchResult result{.strength = at::tensor({1.5, 4.0, 16.0, 1.5}, at::kFloat),
                                      .gain = at::tensor({1.0, 0.95, 0.25, std::nan("")}, at::kDouble),
                                      .arrived = at::tensor(arrived, at::kLong).to(at::kBool),
                                      .images = {}};
    testing::internal::CaptureStderr();
    log_strength_search(result);
    return testing::internal::GetCapturedStderr();
  };
  const std::string two = said({1, 1, 0});
  EXPECT_NE(two.find("2 of 3 edits arrive at what was asked, at strengths 1.50 to 4.00 (median 2.75)"),
            std::string::npos)
      << two;
  EXPECT_NE(two.find("1 of 3 edits do not get there: between 0.25 and 0.25 of the asked change arrives "
                     "at best, at strengths up to 16.00"),
            std::string::npos)
      << two;
  EXPECT_EQ(said({1, 1, 1}).find("do not get there"), std::string::npos);
  EXPECT_EQ(said({0, 0, 0}).find("edits arrive"), std::string::npos) << "no strengths of none";
}

}  // namespace
}  // namespace patronus
