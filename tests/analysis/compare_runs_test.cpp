#include "patronus/analysis/compare_runs.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>

#include "patronus/core/random.h"
#include "patronus/core/to_vector.h"
#include "support/failure.h"
#include "support/parity.h"
#include "support/small_model.h"

namespace patronus {
namespace {

constexpr int64_t kRows = 300;

/// An encoding with these activations, whose patches lie at random in images of 32 pixels.
Encoding encoding_of(const at::Tensor& activation, uint64_t seed) {
  const auto corner =
      at::randint(0, 24, {activation.size(0), activation.size(1), 2}, make_generator(seed), at::kLong);
  const auto row = corner.select(2, 0), column = corner.select(2, 1);
  return {.files = std::vector<std::string>(activation.size(0)),
          .activation = activation,
          .distance = {},
          .boxes = at::stack({row, row + 8, column, column + 8}, 2)};
}

Encoding drawn_encoding(int64_t prototypes, uint64_t seed) {
  return encoding_of(at::randn({kRows, prototypes}, make_generator(seed), at::kFloat), seed);
}

Encoding columns_of(const Encoding& encoding, const at::Tensor& columns) {
  return {.files = encoding.files,
          .activation = encoding.activation.index_select(1, columns),
          .distance = {},
          .boxes = encoding.boxes.index_select(1, columns)};
}

const CompareOptions kQuick{.permutations = 20, .bootstrap = {.resamples = 200}};

ComparedModel model_of(const std::string& name, const Encoding& encoding) {
  return {.name = name, .encoding = encoding};
}

TEST(MatchPrototypes, FindsAllOfThemInACopyInAnotherOrder) {
  const Encoding reference = drawn_encoding(12, 1);
  const auto order = random_permutation(12, 2);
  Encoding copy = columns_of(reference, order);
  copy.activation = (2 * copy.activation).exp();  // ranks stay
  const auto found = match_prototypes(reference, copy, kQuick);
  EXPECT_TRUE(at::equal(at::tensor(found.match), order.argsort()));
  for (const auto& all : {found.spearman.value, found.spearman.low, found.spearman.high, found.overlap})
    EXPECT_TRUE(test::close(all, at::ones({12}), 1e-9)) << all;
  EXPECT_EQ(found.found, 12);
  EXPECT_NEAR(found.mean_spearman, 1, 1e-9);
  EXPECT_EQ(found.chance_found.largest, 0);
  EXPECT_LT(found.chance_spearman.largest, 0.2);
  EXPECT_GT(found.chance_spearman.mean, 0) << "the best of many";
  EXPECT_GE(found.chance_spearman.largest, found.chance_spearman.mean);
}

TEST(MatchPrototypes, FindsNoneInAnUnrelatedModel) {
  const auto found = match_prototypes(drawn_encoding(12, 1), drawn_encoding(12, 2), kQuick);
  EXPECT_EQ(found.found, 0);
  EXPECT_NEAR(found.mean_spearman, found.chance_spearman.mean, 0.03);
  EXPECT_TRUE(test::close(found.overlap, found.chance_overlap, 0.1));
  EXPECT_LT(found.r2.abs().max().item<double>(), 0.2);
}

TEST(MatchPrototypes, LeavesThoseWithoutAMatchOut) {
  const Encoding reference = drawn_encoding(5, 1);
  const auto found = match_prototypes(reference, columns_of(reference, at::tensor({4, 1})), kQuick);
  EXPECT_EQ(found.match, (std::vector<int64_t>{kUnassigned, 1, kUnassigned, kUnassigned, 0}));
  EXPECT_EQ(found.found, 2);
  EXPECT_TRUE(std::isnan(found.spearman[0].value));
  EXPECT_TRUE(std::isnan(found.overlap[2].item<double>()));
  EXPECT_LT(found.r2[0].item<double>(), 0.1) << "it is told of all";
  EXPECT_NEAR(found.mean_spearman, 1, 1e-9);
  const auto larger = match_prototypes(columns_of(reference, at::tensor({4, 1})), reference, kQuick);
  EXPECT_EQ(larger.match, (std::vector<int64_t>{4, 1}));
}

TEST(MatchPrototypes, TellsAModelThatHoldsTheSameInOtherDirections) {
  const Encoding reference = drawn_encoding(12, 1);
  const auto rotation = std::get<0>(at::linalg_qr(at::randn({12, 12}, make_generator(3))));
  const auto found =
      match_prototypes(reference, encoding_of(at::matmul(reference.activation, rotation), 1), kQuick);
  EXPECT_LT(found.found, 4);
  EXPECT_GT(found.r2.min().item<double>(), 0.99);
}

TEST(MatchPrototypes, AnOppositeIsNotTheSame) {
  const Encoding reference = drawn_encoding(2, 1);
  Encoding opposite = reference;
  opposite.activation = -reference.activation;
  EXPECT_EQ(match_prototypes(reference, opposite, kQuick).found, 0);
}

TEST(MatchPrototypes, TheIntervalCoversTheCorrelationOfAllImages) {
  // Of normal variables with correlation r, Spearman's is 6 / π asin(r / 2).
  const auto z = at::randn({kRows, 2}, make_generator(5), at::kFloat);
  const auto x = z.slice(1, 0, 1), y = 0.8 * x + 0.6 * z.slice(1, 1, 2);
  const Estimate spearman = match_prototypes(encoding_of(x, 1), encoding_of(y, 2), kQuick).spearman[0];
  const double expected = 6 / M_PI * std::asin(0.4);
  EXPECT_LT(spearman.low, expected);
  EXPECT_GT(spearman.high, expected);
  EXPECT_LT(spearman.high - spearman.low, 0.12);
}

TEST(CompareModels, CountsInHowManyOthersEachIsFound) {
  const Encoding reference = drawn_encoding(3, 1);
  const auto compared = compare_models(model_of("reference", reference),
                                       {model_of("two", columns_of(reference, at::tensor({2, 0}))),
                                        model_of("one", columns_of(reference, at::tensor({2})))},
                                       model_of("untrained", drawn_encoding(3, 2)), kQuick);
  EXPECT_EQ(compared.found_in, (std::vector<int64_t>{1, 0, 2}));
  EXPECT_EQ(compared.order, (std::vector<int64_t>{2, 0, 1}));
  EXPECT_EQ(compared.untrained.matched.found, 0);
}

TEST(RequireSameImages, RefusesOtherSizesAndChannels) {
  const TrainedModel reference = test::small_model();
  require_same_images(reference, reference);
  for (const char* setting : {"data.size=16", "data.channels=1"}) {
    RunConfig config = test::small_run();
    apply_overrides(config, {setting});
    const TrainedModel other = test::small_model(config);
    EXPECT_NE(test::message_of([&] {
                require_same_images(reference, other);
              }).find("expected the same data.channels and data.size"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace patronus
