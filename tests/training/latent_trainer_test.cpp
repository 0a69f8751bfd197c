#include "patronus/training/latent_trainer.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "patronus/core/error.h"
#include "patronus/core/random.h"
#include "support/named_tensors.h"
#include "support/parity.h"
#include "support/run_program.h"
#include "support/small_run.h"

namespace patronus {
namespace {

constexpr int64_t kLatentSteps = 12;

/// Activations of 64 images: two groups of prototypes that rise and fall together.
at::Tensor some_activations() {
  const auto group = at::randn({64, 2}, make_generator(1)).repeat_interleave(3, 1);
  return 2 + 0.5 * group + 0.1 * at::randn({64, 6}, make_generator(2));
}

LatentTrainer make_latent_trainer(const RunConfig& config = test::small_run(), int64_t steps = kLatentSteps) {
  return LatentTrainer(config, fit_standardizer(some_activations()), steps, at::kCPU);
}

void train_latent(LatentTrainer& trainer, int64_t steps) {
  for (int64_t i = 0; i < steps; ++i) trainer.train_step(some_activations());
}

TEST(LatentLoss, OfANetworkThatAnswersNothingIsTheMeanSquareOfItsTarget) {
  const RunConfig config = test::small_run();
  const NoiseSchedule schedule(config.latent.diffusion);
  UNet1d unet(config.latent.unet, schedule.timesteps());
  for (const char* name : {"final_conv.weight", "final_conv.bias"})
    unet->named_parameters()[name].detach().zero_();
  const TrainingBatch batch{at::randn({5, 1, 6}, make_generator(1)),
                            at::tensor({0, 29, 7, 13, 21}, at::kLong),
                            at::randn({5, 1, 6}, make_generator(2))};
  const auto loss = [&](PredictionKind kind) {
    return latent_loss(unet, batch, schedule, kind).item<double>();
  };
  EXPECT_NEAR(loss(PredictionKind::kNoise), batch.noise.square().mean().item<double>(), 1e-6);
  const auto abar = schedule.alpha_bars().index_select(0, batch.t).view({5, 1, 1});
  const auto v = abar.sqrt() * batch.noise - (1 - abar).sqrt() * batch.x0;
  EXPECT_NEAR(loss(PredictionKind::kV), v.square().mean().item<double>(), 1e-6);
}

TEST(LatentTrainer, RefusesACheckpointOfAnotherNetworkAndGoesOnAsItWas) {
  RunConfig config = test::small_run();
  config.latent.unet.multipliers = {1, 2};
  const LatentTrainer other = make_latent_trainer(config);
  LatentTrainer trainer = make_latent_trainer(), untouched = make_latent_trainer();
  EXPECT_THROW(trainer.restore(other.checkpoint({})), ConfigError);
  train_latent(trainer, 2);
  train_latent(untouched, 2);
  test::expect_same(trainer.checkpoint({}).model, untouched.checkpoint({}).model);
}

class LatentTrainerWith : public testing::TestWithParam<OptimizerKind> {};

TEST_P(LatentTrainerWith, ResumedThroughACheckpointFileWrittenMeanwhileIsBitEqual) {
  const test::TemporaryFolder folder;
  RunConfig config = test::small_run();
  config.latent.optimizer = GetParam();
  LatentTrainer unbroken = make_latent_trainer(config);
  train_latent(unbroken, 5);
  const CheckpointWriter write = snapshot(unbroken.checkpoint({.step = 1, .weights = Weights::kEma}));
  train_latent(unbroken, 5);
  write(folder / "a.pt");

  LatentTrainer resumed = make_latent_trainer(config);
  resumed.restore(read_latent_checkpoint(folder / "a.pt"));
  EXPECT_EQ(resumed.optimization().steps(), 5);
  train_latent(resumed, 5);
  test::expect_same(resumed.checkpoint({}).model, unbroken.checkpoint({}).model);
  test::expect_same(resumed.checkpoint({}).ema, unbroken.checkpoint({}).ema);
}

INSTANTIATE_TEST_SUITE_P(Optimizers, LatentTrainerWith,
                         testing::Values(OptimizerKind::kAdamW, OptimizerKind::kMuon),
                         [](const auto& info) { return to_string(info.param); });

TEST(LatentTrainer, LossOnOtherVectorsFallsAndIsTheSameWhenAskedTwice) {
  RunConfig config = test::small_run();
  config.latent.unet.dropout = 0;
  LatentTrainer trainer = make_latent_trainer(config, 150);
  const double before = trainer.evaluate_loss(some_activations());
  EXPECT_EQ(trainer.evaluate_loss(some_activations()), before);
  train_latent(trainer, 150);
  EXPECT_LT(trainer.evaluate_loss(some_activations()), 0.7 * before);
}

TEST(LatentTrainer, DoesNotDependOnTheUnitsOfTheActivations) {
  LatentTrainer trainer = make_latent_trainer();
  const auto z = fit_standardizer(some_activations()).transform(some_activations());
  EXPECT_TRUE(test::close(z.mean(0), at::zeros({6}), 1e-5));
  EXPECT_TRUE(test::close(z.std(0, false), at::ones({6}), 1e-5));
  const auto scaled = 100 * some_activations() - 7;
  LatentTrainer other(test::small_run(), fit_standardizer(scaled), kLatentSteps, at::kCPU);
  for (int i = 0; i < 3; ++i) {
    const double loss = trainer.train_step(some_activations()).losses.total.item<double>();
    EXPECT_NEAR(other.train_step(scaled).losses.total.item<double>(), loss, 1e-3 * loss);
  }
}

}  // namespace
}  // namespace patronus
