#include "patronus/training/preview.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <map>

#include "patronus/core/random.h"
#include "patronus/diffusion/conditional_gain.h"
#include "patronus/models/prototype_health.h"
#include "support/parity.h"
#include "support/small_run.h"

namespace patronus {
namespace {

using test::close;

class PreviewOfATraining : public testing::Test {
 protected:
  static std::map<std::string, double> by_name(const Preview& preview) {
    return {preview.metrics.begin(), preview.metrics.end()};
  }
  Preview preview() { return make_preview(trainer_, test_, train_, config_); }
  ConditionalGain gain() {
    return conditional_gain(trainer_.ema_model(), trainer_.schedule(), config_.diffusion.prediction, images_,
                            derive_seed(0, "preview"), config_.training.batch_size);
  }

  RunConfig config_ = test::small_run();
  Dataset test_ = open_dataset(config_.data, Split::kTest);
  Dataset train_ = open_dataset(config_.data, Split::kTrain);
  at::Tensor images_ = test_.slice(0, 16);
  Trainer trainer_{config_, 12, at::kCPU, Precision::kFloat32};
};

TEST_F(PreviewOfATraining, ReportsTheAveragedModelOnTestImages) {
  for (int i = 0; i < 2; ++i) trainer_.train_step(images_);
  const auto metrics = by_name(preview());
  EXPECT_EQ(metrics.at("condition/loss_own"), gain().loss_own);
  EXPECT_EQ(metrics.at("condition/loss_shuffled"), gain().loss_shuffled);
  EXPECT_EQ(metrics.at("condition/loss_mean"), gain().loss_mean);
}

TEST_F(PreviewOfATraining, ReportsHealthOnTestImagesUnlessTheyAreFew) {
  for (int i = 0; i < 2; ++i) trainer_.train_step(images_);
  const auto expect_health = [&](const Dataset& test, const Dataset& expected) {
    const auto images = expected.images(draw_indices(expected.size(), 256, derive_seed(0, "preview")));
    const PrototypeHealth health = prototype_health(trainer_.ema_model().encoder, images);
    const auto metrics = by_name(make_preview(trainer_, test, train_, config_));
    EXPECT_EQ(metrics.at("prototypes/median_range"), health.median_range);
    EXPECT_EQ(metrics.at("prototypes/winners"), static_cast<double>(health.winners));
    EXPECT_EQ(metrics.at("prototypes/effective_rank"), health.effective_rank);
  };
  const Dataset many = test_.subset(at::arange(kMinHealthImages) % test_.size());
  expect_health(many, many);
  expect_health(test_, train_);
}

TEST_F(PreviewOfATraining, IsOfImagesFromAllOverADataSetThatMayBeSortedByClass) {
  const auto first = at::zeros({300}, at::kLong), all = at::cat({first, at::arange(1, 5, at::kLong)});
  const Dataset sorted = test_.subset(all.repeat_interleave(2));
  const double of_first = prototype_health(trainer_.ema_model().encoder, sorted.slice(0, 256)).median_range;
  EXPECT_LT(of_first, 1e-5);
  EXPECT_GT(by_name(make_preview(trainer_, sorted, train_, config_)).at("prototypes/median_range"), 1e-3);
}

TEST_F(PreviewOfATraining, ShowsTheSameImagesEveryTime) {
  const Preview first = preview(), second = preview();
  ASSERT_EQ(first.figures.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(first.figures[i].first, i == 0 ? "samples" : "reconstruction");
    EXPECT_TRUE(at::equal(first.figures[i].second.pixels(), second.figures[i].second.pixels()));
  }
}

TEST_F(PreviewOfATraining, HasTheLossAloneWithoutACondition) {
  config_.model.unet.condition = ConditionKind::kOff;
  Trainer trainer(config_, 12, at::kCPU, Precision::kFloat32);
  const Preview preview = make_preview(trainer, test_, train_, config_);
  ASSERT_EQ(preview.metrics.size(), 1u);
  EXPECT_EQ(preview.metrics[0].first, "test_loss");
  // The untrained network gives 0 for v, whose mean square is the loss.
  const auto timesteps = stratified_timesteps(trainer.schedule(), 16, derive_seed(0, "preview"));
  const auto noise =
      noise_per_image(image_seeds(derive_seed(0, "preview"), "conditional gain", 0, 16))(images_);
  const auto v = noisy_images(images_, noise, timesteps, trainer.schedule(), PredictionKind::kV).target;
  EXPECT_NEAR(preview.metrics[0].second, v.square().mean().item<double>(), 1e-5);
}

}  // namespace
}  // namespace patronus
