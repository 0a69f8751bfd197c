#include "patronus/analysis/inverted_images.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "support/failure.h"
#include "support/parity.h"
#include "support/small_model.h"

namespace patronus {
namespace {

class InvertedImagesOfASmallModel : public testing::Test {
 protected:
  InvertedImages invert(const RegenerateOptions& options) {
    return invert_images(trained, faces, at::tensor({9, 2, 5, 14, 3}, at::kLong), options);
  }

  TrainedModel trained = test::small_model();
  Dataset faces = open_dataset(trained.config.data, Split::kTest);
};

TEST_F(InvertedImagesOfASmallModel, AreThoseAskedForAndDoNotDependOnTheBatchSize) {
  const auto whole = invert({.inversion = {.steps = 5}});
  EXPECT_EQ(whole.files[1], faces.file(2));
  EXPECT_TRUE(at::equal(whole.original[3], faces.slice(14, 1)[0]));
  const auto parts = invert({.inversion = {.steps = 5}, .batch_size = 2});
  EXPECT_EQ(parts.files, whole.files);
  EXPECT_TRUE(test::close(parts.x_T, whole.x_T, 1e-4));
  EXPECT_TRUE(test::close(parts.image, whole.image, 1e-4));
}

TEST_F(InvertedImagesOfASmallModel, AnEditThatChangesNothingGivesTheRoundTripAtAnyStrength) {
  const auto inverted = invert({.inversion = {.steps = 5}});
  for (const double strength : {1.0, 3.0}) {
    const auto same = regenerate(trained, {inverted.x_T, inverted.activation, inverted.activation},
                                 {.inversion = {.steps = 5}, .strength = strength, .batch_size = 3});
    EXPECT_TRUE(test::close(same.image, inverted.image, 1e-4)) << "strength " << strength;
  }
}

TEST_F(InvertedImagesOfASmallModel, SeveralEditsMayComeFromTheSameNoise) {
  const auto inverted = invert({.inversion = {.steps = 5}});
  const auto source = at::tensor({3, 0, 3}, at::kLong);
  const auto before = inverted.activation.index_select(0, source);
  const auto edited = before + at::tensor({0.F, 0.1F, 0.2F}).unsqueeze(1);
  const RegenerateOptions options{.inversion = {.steps = 5}, .batch_size = 2};
  const auto copied = regenerate(trained, {inverted.x_T.index_select(0, source), before, edited}, options);
  const auto shared = regenerate(
      trained, {.x_T = inverted.x_T, .activation = before, .edited = edited, .source = source}, options);
  EXPECT_TRUE(at::equal(shared.image, copied.image));
  EXPECT_TRUE(at::equal(shared.activation, copied.activation));
}

TEST_F(InvertedImagesOfASmallModel, AreEncodedAsTheyAreShown) {
  const auto encoded = [&](const at::Tensor& images) {
    return trained.model.encoder->forward(images).activation;
  };
  const auto inverted = invert({.inversion = {.steps = 5}});
  EXPECT_TRUE(test::close(inverted.reached, encoded(inverted.image), 1e-5));
  const auto overshooting = regenerate(trained, {3 * inverted.x_T, inverted.activation, inverted.activation},
                                       {.inversion = {.steps = 5}});
  EXPECT_EQ(overshooting.image.abs().max().item<float>(), 1);
  EXPECT_TRUE(test::close(overshooting.activation, encoded(overshooting.image), 1e-5));
}

TEST_F(InvertedImagesOfASmallModel, AStrongerEditChangesMore) {
  const auto inverted = invert({.inversion = {.steps = 5}});
  auto edited = inverted.activation.clone();
  edited.select(1, 2).add_(0.05);
  const auto change = [&](double strength) {
    const auto regenerated = regenerate(trained, {inverted.x_T, inverted.activation, edited},
                                        {.inversion = {.steps = 5}, .strength = strength});
    return (regenerated.image - inverted.image).square().mean().sqrt().item<double>();
  };
  EXPECT_NEAR(change(0), 0, 1e-5);
  EXPECT_GT(change(1), 1e-4);
  EXPECT_GT(change(2), 1.5 * change(1));
}

TEST_F(InvertedImagesOfASmallModel, MoreStepsThanLevelsAreRefused) {
  EXPECT_EQ(test::message_of([&] { invert({.inversion = {.steps = 1001}}); }),
            "steps 1001: expected 1 to 1000 (diffusion.timesteps)");
}

}  // namespace
}  // namespace patronus
