#include "patronus/analysis/disable_prototypes.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "patronus/analysis/encode.h"
#include "patronus/core/error.h"
#include "patronus/core/random.h"
#include "support/small_model.h"

namespace patronus {
namespace {

class DisablePrototypes : public testing::Test {
 protected:
  void disable(const std::vector<int64_t>& prototypes) { disable_prototypes(trained, faces, prototypes); }

  TrainedModel trained = test::small_model();
  Dataset faces = open_dataset(trained.config.data, Split::kTrain);
};

TEST_F(DisablePrototypes, GivesThemTheirMeanInEveryImageAndLeavesOthers) {
  const auto before = encode_activations(trained.model.encoder, faces);
  disable({1, 4});
  const auto after = encode_activations(trained.model.encoder, faces);
  for (int64_t k = 0; k < before.size(1); ++k) {
    const auto column = before.select(1, k);
    const auto expected = k == 1 || k == 4 ? column.mean().expand_as(column) : column;
    EXPECT_TRUE(at::allclose(after.select(1, k), expected, 0, 1e-5)) << k;
  }
  EXPECT_EQ(weights_text(trained), "raw weights of step 0 without prototypes 1, 4");
}

TEST_F(DisablePrototypes, TakesThemOutOfEveryCondition) {
  disable({1});
  const auto x_t = at::randn({1, 3, 32, 32}, make_generator(1));
  const auto activation = encode_activations(trained.model.encoder, faces).slice(0, 0, 1);
  const auto under_raised = [&](int64_t k) {
    auto edited = activation.clone();
    edited.select(1, k).add_(3);
    return conditional_denoiser(trained)(edited, Precision::kFloat32)(x_t, 500).x0;
  };
  const auto expected = conditional_denoiser(trained)(activation, Precision::kFloat32)(x_t, 500).x0;
  EXPECT_TRUE(at::equal(under_raised(1), expected));
  EXPECT_FALSE(at::allclose(under_raised(2), expected, 0, 1e-4));
}

TEST_F(DisablePrototypes, TakesOutAllWhereNoneIsNamed) {
  disable({});
  const auto activation = encode_activations(trained.model.encoder, faces);
  EXPECT_TRUE(at::equal(activation, activation.slice(0, 0, 1).expand_as(activation)));
  EXPECT_EQ(trained.disabled.size(), 6u);
}

TEST_F(DisablePrototypes, KnowsEachOnceInTheirOrder) {
  disable({4, 1, 4});
  EXPECT_EQ(trained.disabled, (std::vector<int64_t>{1, 4}));
}

TEST_F(DisablePrototypes, RefusesWhatTheModelDoesNotHave) {
  EXPECT_THROW(disable({6}), ConfigError);
}

}  // namespace
}  // namespace patronus
