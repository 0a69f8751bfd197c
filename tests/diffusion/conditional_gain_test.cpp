#include "patronus/diffusion/conditional_gain.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>

#include "patronus/core/random.h"
#include "support/small_model.h"

namespace patronus {
namespace {

at::Tensor some_images() {
  return at::rand({5, 3, 32, 32}, make_generator(1)) * 2 - 1;
}

TEST(DenoisingLosses, AreMeanSquaresPerImageWhateverTheBatch) {
  const c10::NoGradGuard no_grad;
  TrainedModel trained = test::small_model();
  const auto images = at::rand({70, 3, 32, 32}, make_generator(1)) * 2 - 1;
  const auto timesteps = at::arange(70) * 10;
  const auto noisy = noisy_images(images, at::randn(images.sizes(), make_generator(2)), timesteps,
                                  trained.schedule, PredictionKind::kV);
  const auto activations = trained.model.encoder->forward(images).activation;
  const auto losses = denoising_losses(trained.model, noisy, activations);
  ASSERT_EQ(losses.sizes(), (at::IntArrayRef{70}));
  for (const int64_t i : {0, 63, 64, 69}) {
    const auto row = [&](const at::Tensor& all) { return all.slice(0, i, i + 1); };
    const auto output = trained.model.unet->forward(row(noisy.x_t), row(timesteps), row(activations));
    EXPECT_NEAR(losses[i].item<double>(), at::mse_loss(output, row(noisy.target)).item<double>(), 1e-5) << i;
  }
}

TEST(ConditionalGain, ComparesTheImagesOwnActivationsWithOthers) {
  TrainedModel trained = test::small_model();
  const auto gain = [&](const at::Tensor& images) {
    return conditional_gain(trained.model, trained.schedule, PredictionKind::kV, images, 7);
  };
  const ConditionalGain differing = gain(some_images());
  EXPECT_NE(differing.loss_shuffled, differing.loss_own);
  EXPECT_NE(differing.loss_mean, differing.loss_own);
  EXPECT_EQ(gain(some_images()).loss_own, differing.loss_own) << "the noise follows from the seed";
  const ConditionalGain alike = gain(some_images().slice(0, 0, 1).expand({5, 3, 32, 32}).contiguous());
  EXPECT_NEAR(alike.loss_shuffled, alike.loss_own, 1e-6);
  EXPECT_NEAR(alike.loss_mean, alike.loss_own, 1e-5);
}

TEST(ConditionalGain, GivesImagesThatMayBeSortedTimestepsInNoOrder) {
  const NoiseSchedule schedule({.timesteps = 1000}, at::kCPU);
  const auto timesteps = stratified_timesteps(schedule, 5, 7);
  EXPECT_TRUE(at::equal(std::get<0>(timesteps.sort()), at::tensor({0, 250, 500, 749, 999}, at::kLong)));
  const auto many = stratified_timesteps(schedule, 200, 7).to(at::kDouble);
  EXPECT_NEAR(many.slice(0, 0, 100).mean().item<double>(), many.slice(0, 100).mean().item<double>(), 120);
}

TEST(ConditionalGain, AnotherImageIsNotTheOneBefore) {
  TrainedModel trained = test::small_model();
  const auto images = at::cat({at::full({4, 3, 32, 32}, -0.8f), at::full({4, 3, 32, 32}, 0.8f)});
  const auto activations = trained.model.encoder->forward(images).activation;
  const auto timesteps = stratified_timesteps(trained.schedule, 8, 7);
  const auto noise = noise_per_image(image_seeds(7, "conditional gain", 0, 8))(images);
  const auto noisy = noisy_images(images, noise, timesteps, trained.schedule, PredictionKind::kV);
  const auto of_neighbours = denoising_losses(trained.model, noisy, activations.roll(1, 0));
  const auto gain = conditional_gain(trained.model, trained.schedule, PredictionKind::kV, images, 7);
  EXPECT_NEAR(gain.loss_own, denoising_losses(trained.model, noisy, activations).mean().item<double>(), 1e-9);
  const auto in_threes = conditional_gain(trained.model, trained.schedule, PredictionKind::kV, images, 7, 3);
  EXPECT_NEAR(in_threes.loss_own, gain.loss_own, 1e-6);
  EXPECT_GT(std::abs(gain.loss_shuffled - of_neighbours.mean().item<double>()), 1e-6);
  const auto mean = activations.mean(0, true).expand_as(activations);
  EXPECT_NEAR(gain.loss_mean, denoising_losses(trained.model, noisy, mean).mean().item<double>(), 1e-9);
}

}  // namespace
}  // namespace patronus
