#include "patronus/training/training_step.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>

#include "patronus/core/random.h"
#include "patronus/run/run_config.h"
#include "support/small_run.h"

namespace patronus {
namespace {

/// How the network sees activations.
struct Sees {
  const char* name;
  ConditionKind condition = ConditionKind::kAdd;
  bool standardize = false;
};

/// A step of a small model, with both penalties where it has a condition, in `parts` parts: losses, and
/// gradients by name.
struct Step {
  Losses losses;
  NamedTensors gradients;
  NamedTensors decorrelation;
};

Step step_in_parts(int64_t parts, const Sees& sees) {
  RunConfig config = test::small_run();
  // With one channel a group, nothing that is constant over a channel has a gradient but rounding.
  config.model.unet.base_channels = 16;
  config.model.unet.dropout = 0;
  config.diffusion.prediction = PredictionKind::kNoise;  // v starts with an output, and gradients, of zero
  config.model.unet.condition = sees.condition;
  config.model.prototypes.standardize = sees.standardize;
  PatronusModel model = make_model(config);
  model.train();
  const NoiseSchedule schedule(config.diffusion, at::kCPU);
  seed_default_generators(3);
  const auto images = at::rand({7, 3, 32, 32}) * 2 - 1;
  const TrainingBatch batch = draw_training_batch(images, schedule.timesteps(), true);
  DecorrelationPenalty decorrelation(config.model.prototypes.count, 0.9, at::kCPU);
  const bool penalties = sees.condition != ConditionKind::kOff;
  const LossOptions options{.prediction = config.diffusion.prediction,
                            .distinct_weight = penalties ? 0.3 : 0,
                            .decorrelation_weight = penalties ? 0.5 : 0,
                            .micro_batches = parts};
  Step step{backpropagate(model, schedule, batch, options, &decorrelation), {}, {}};
  for (const auto& [name, parameter] : model.parameters())
    step.gradients.emplace_back(name, parameter.grad());
  for (const auto& [name, tensor] : model.state()) {
    if (name.find("cond_norm.running") != std::string::npos) step.gradients.emplace_back(name, tensor);
  }
  step.decorrelation = decorrelation.state();
  return step;
}

/// The largest difference of two tensors, as a share of the largest element.
double difference(const at::Tensor& a, const at::Tensor& b) {
  const auto scale = b.abs().max().clamp_min(1e-6);
  return ((a - b).abs().max() / scale).item<double>();
}

class Accumulate : public testing::TestWithParam<Sees> {};

TEST_P(Accumulate, GivesTheLossesAndGradientsOfTheWholeBatch) {
  const Step whole = step_in_parts(1, GetParam());
  for (const int64_t parts : {2, 3, 7, 20}) {
    SCOPED_TRACE(parts);
    const Step step = step_in_parts(parts, GetParam());
    for (const auto loss : {&Losses::total, &Losses::denoising, &Losses::distinct, &Losses::decorrelation}) {
      ASSERT_EQ((step.losses.*loss).defined(), (whole.losses.*loss).defined());
      if (!(whole.losses.*loss).defined()) continue;
      EXPECT_NEAR((step.losses.*loss).item<double>(), (whole.losses.*loss).item<double>(), 1e-5);
    }
    ASSERT_EQ(step.gradients.size(), whole.gradients.size());
    for (size_t i = 0; i < whole.gradients.size(); ++i) {
      const auto& [name, gradient] = whole.gradients[i];
      EXPECT_LT(difference(step.gradients[i].second, gradient), 2e-4) << name;
    }
    for (size_t i = 0; i < whole.decorrelation.size(); ++i) {
      EXPECT_TRUE(step.decorrelation[i].second.equal(whole.decorrelation[i].second))
          << "the penalty sees the whole batch once";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, Accumulate,
                         testing::Values(Sees{"raw"}, Sees{"standardized", ConditionKind::kScaleShift, true},
                                         Sees{"none", ConditionKind::kOff}),
                         [](const auto& info) { return std::string(info.param.name); });

at::Tensor numbered_images(int64_t count) {
  return at::arange(count * 2 * 3 * 4, at::kFloat).view({count, 2, 3, 4});
}

TEST(Backpropagate, RefusesPenaltiesOnPrototypesThatNoConditionTakesIn) {
  RunConfig config = test::small_run();
  config.model.unet.condition = ConditionKind::kOff;
  PatronusModel model = make_model(config);
  const NoiseSchedule schedule(config.diffusion, at::kCPU);
  const TrainingBatch batch = draw_training_batch(at::rand({4, 3, 32, 32}), schedule.timesteps(), false);
  for (const int64_t parts : {1, 2}) {
    EXPECT_THROW(
        backpropagate(model, schedule, batch, {.distinct_weight = 1, .micro_batches = parts}, nullptr),
        c10::Error);
  }
}

TEST(DrawTrainingBatch, DrawsEveryLevelAndStandardNoise) {
  seed_default_generators(1);
  const TrainingBatch batch = draw_training_batch(numbered_images(1000), 21, false);
  EXPECT_TRUE(at::equal(std::get<0>(at::_unique(batch.t)), at::arange(21)));
  const auto counts = at::bincount(batch.t).to(at::kDouble);
  // 1000 / 21 images a timestep, of deviation 6.7.
  EXPECT_LT((counts - 1000.0 / 21).abs().max().item<double>(), 5 * 6.7);
  ASSERT_EQ(batch.noise.sizes(), batch.x0.sizes());
  // 24,000 normal numbers: their mean is within 5 of its deviations, their spread too.
  EXPECT_NEAR(batch.noise.mean().item<double>(), 0, 5 / std::sqrt(24000.0));
  EXPECT_NEAR(batch.noise.std().item<double>(), 1, 5 / std::sqrt(48000.0));
  EXPECT_TRUE(at::equal(batch.x0, numbered_images(1000)));
}

TEST(DrawTrainingBatch, FollowsFromTheSeedOfTheDefaultGenerator) {
  const auto draw = [](uint64_t seed) {
    seed_default_generators(seed);
    return draw_training_batch(numbered_images(8), 100, true);
  };
  const TrainingBatch once = draw(3), again = draw(3), other = draw(4);
  EXPECT_TRUE(at::equal(again.t, once.t) && at::equal(again.noise, once.noise));
  EXPECT_TRUE(at::equal(again.x0, once.x0));
  EXPECT_FALSE(at::equal(other.noise, once.noise));
}

TEST(DrawTrainingBatch, MirrorsAboutHalfOfTheImagesLeftToRight) {
  seed_default_generators(1);
  const auto images = numbered_images(400);
  const auto x0 = draw_training_batch(images, 100, true).x0;
  int64_t mirrored = 0;
  for (int64_t i = 0; i < images.size(0); ++i) {
    const bool same = x0[i].equal(images[i]);
    EXPECT_TRUE(same || x0[i].equal(images[i].flip(2))) << i;
    mirrored += !same;
  }
  EXPECT_NEAR(static_cast<double>(mirrored), 200, 5 * 10);  // of deviation 10
}

}  // namespace
}  // namespace patronus
