#include "patronus/training/trainer.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "patronus/core/error.h"
#include "patronus/core/random.h"
#include "support/named_tensors.h"
#include "support/parity.h"
#include "support/run_program.h"
#include "support/small_run.h"

namespace patronus {
namespace {

using test::close;
using test::expect_same;

constexpr int64_t kTotal = 12;

at::Tensor batch_of_step(int64_t step) {
  return at::rand({8, 3, 32, 32}, make_generator(static_cast<uint64_t>(step))) * 2 - 1;
}

/// A trainer on the CPU, its prototypes chosen.
struct StartedTrainer : Trainer {
  explicit StartedTrainer(const RunConfig& config, Precision precision = Precision::kFloat32)
      : Trainer(config, kTotal, at::kCPU, precision) {
    initialize_prototypes(open_dataset(config.data, Split::kTrain));
  }
};

void train(Trainer& trainer, int64_t steps) {
  for (int64_t i = 0; i < steps; ++i) trainer.train_step(batch_of_step(trainer.optimization().steps()));
}

TEST(Trainer, WithoutConditionTrainsTheUNetAlone) {
  RunConfig config = test::small_run();
  config.model.unet.condition = ConditionKind::kOff;
  config.training.decorrelation_weight = 0.1;
  StartedTrainer trainer(config);
  const NamedTensors before = test::copies(trainer.model().state());
  const Losses losses = trainer.train_step(batch_of_step(0)).losses;
  EXPECT_EQ(losses.total.item<float>(), losses.denoising.item<float>());
  EXPECT_FALSE(losses.distinct.defined());
  EXPECT_FALSE(losses.decorrelation.defined());
  const NamedTensors after = trainer.model().state();
  bool unet_changed = false;
  for (size_t i = 0; i < before.size(); ++i) {
    const bool same = at::equal(before[i].second, after[i].second);
    unet_changed |= !same;
    EXPECT_TRUE(same || !after[i].first.starts_with("proactBlock.")) << after[i].first;
  }
  EXPECT_TRUE(unet_changed);
}

TEST(Trainer, WithoutConditionGoesOnFromACheckpoint) {
  RunConfig config = test::small_run();
  config.model.unet.condition = ConditionKind::kOff;
  StartedTrainer unbroken(config);
  train(unbroken, 3);
  StartedTrainer resumed(config);
  resumed.restore(unbroken.checkpoint());
  train(unbroken, 3);
  train(resumed, 3);
  expect_same(resumed.model().state(), unbroken.model().state());
}

class TrainerResume : public testing::TestWithParam<std::tuple<Precision, OptimizerKind>> {};

TEST_P(TrainerResume, ThroughACheckpointFileWrittenMeanwhileIsBitEqual) {
  const test::TemporaryFolder folder;
  const auto [precision, optimizer] = GetParam();
  RunConfig config = test::small_run();
  config.training.optimizer = optimizer;
  StartedTrainer unbroken(config, precision);
  train(unbroken, 5);
  const CheckpointWriter write = snapshot(unbroken.checkpoint());
  train(unbroken, 5);
  write(folder / "a.pt");

  StartedTrainer resumed(config, precision);
  resumed.restore(read_checkpoint(folder / "a.pt"));
  EXPECT_EQ(resumed.optimization().steps(), 5);
  train(resumed, 5);
  expect_same(resumed.model().state(), unbroken.model().state());
  expect_same(resumed.ema_model().state(), unbroken.ema_model().state());
}

INSTANTIATE_TEST_SUITE_P(Trainings, TrainerResume,
                         testing::Combine(testing::Values(Precision::kFloat32, Precision::kBfloat16),
                                          testing::Values(OptimizerKind::kAdamW, OptimizerKind::kMuon)),
                         [](const auto& info) {
                           return to_string(std::get<0>(info.param)) + "_" +
                                  to_string(std::get<1>(info.param));
                         });

TEST(Trainer, LearnsOneBatchByHeart) {
  RunConfig config = test::small_run();
  config.diffusion.prediction = PredictionKind::kNoise;
  config.model.unet.dropout = 0;
  config.training.horizontal_flip = false;
  Trainer trainer(config, 150, at::kCPU, Precision::kFloat32);
  const auto images = batch_of_step(0).mul(0.1);
  double first = 0, last = 0;
  for (int i = 0; i < 150; ++i) {
    const double loss = trainer.train_step(images).losses.denoising.item<double>();
    if (i < 10) first += loss / 10;
    if (i >= 140) last += loss / 10;
  }
  EXPECT_LT(last, 0.7 * first);
}

class TrainerWith : public testing::TestWithParam<OptimizerKind> {};

TEST_P(TrainerWith, TrainsEveryParameterAndNothingElse) {
  RunConfig config = test::small_run();
  config.training.optimizer = GetParam();
  StartedTrainer trainer(config);
  std::vector<at::Tensor> before;
  for (const auto& [name, tensor] : trainer.model().parameters()) before.push_back(tensor.clone());
  train(trainer, 4);
  const auto after = trainer.model().parameters();
  for (size_t i = 0; i < after.size(); ++i)
    EXPECT_FALSE(at::equal(before[i], after[i].second)) << after[i].first;
  for (const auto& [name, tensor] : trainer.model().state()) {
    if (name == "proactBlock.ones") {
      EXPECT_TRUE(at::equal(tensor, at::ones_like(tensor)));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Optimizers, TrainerWith,
                         testing::Values(OptimizerKind::kAdamW, OptimizerKind::kMuon),
                         [](const auto& info) { return to_string(info.param); });

TEST(Trainer, LearningRateWarmsUpThenFallsAsACosine) {
  RunConfig config = test::small_run();
  config.training.warmup_steps = 2;
  Trainer trainer(config, kTotal, at::kCPU, Precision::kFloat32);
  EXPECT_DOUBLE_EQ(trainer.optimization().learning_rate(), 0.0015);
  train(trainer, 6);
  EXPECT_NEAR(trainer.optimization().learning_rate(), 0.0015, 1e-12);  // half-way
  train(trainer, 6);
  EXPECT_NEAR(trainer.optimization().learning_rate(), 0, 1e-12);
}

TEST(Trainer, AverageFollowsTheWeights) {
  StartedTrainer trainer(test::small_run());
  const auto find = [](PatronusModel& model) {
    for (const auto& [name, tensor] : model.state()) {
      if (name == "first.weight") return tensor.clone();
    }
    return at::Tensor();
  };
  const auto start = find(trainer.ema_model());
  train(trainer, 1);
  const double decay = 2.0 / 11;  // (1 + step) / (10 + step) after the first step
  EXPECT_TRUE(close(find(trainer.ema_model()), decay * start + (1 - decay) * find(trainer.model()), 1e-6));
}

TEST(Trainer, NoticesAWeightThatIsNotFinite) {
  StartedTrainer trainer(test::small_run());
  EXPECT_TRUE(trainer.optimization().weights_are_finite());
  {
    const c10::NoGradGuard no_grad;
    trainer.model().parameters().back().second[0] = NAN;
  }
  EXPECT_FALSE(trainer.optimization().weights_are_finite());
}

TEST(Trainer, WithoutEmaTheAverageIsTheModel) {
  RunConfig config = test::small_run();
  config.training.ema_decay = 0;
  StartedTrainer trainer(config);
  train(trainer, 3);
  expect_same(trainer.ema_model().state(), trainer.model().state());
  EXPECT_TRUE(trainer.checkpoint().ema.empty());
}

TEST(Trainer, RefusesACheckpointOfAnotherArchitecture) {
  RunConfig other = test::small_run();
  other.model.unet.base_channels = 16;
  StartedTrainer trainer(test::small_run());
  const Checkpoint checkpoint = StartedTrainer(other).checkpoint();
  try {
    trainer.restore(checkpoint);
    FAIL();
  } catch (const ConfigError& e) {
    EXPECT_NE(std::string(e.what()).find("the model wants"), std::string::npos) << e.what();
  }
}

TEST(Trainer, BeginsWithGivenWeights) {
  StartedTrainer source(test::small_run());
  train(source, 3);
  RunConfig config = test::small_run();
  config.training.learning_rate = 1e-4;
  config.seed = 5;
  Trainer tuned(config, kTotal, at::kCPU, Precision::kFloat32);
  tuned.start_from(source.ema_model().state());
  EXPECT_EQ(tuned.optimization().steps(), 0);
  expect_same(tuned.model().state(), source.ema_model().state());
  expect_same(tuned.ema_model().state(), source.ema_model().state());
  train(tuned, 1);
  EXPECT_FALSE(tuned.model().parameters()[0].second.equal(source.ema_model().parameters()[0].second));
}

}  // namespace
}  // namespace patronus
