#include "patronus/training/optimization.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "patronus/core/error.h"
#include "support/parity.h"

namespace patronus {
namespace {

using test::close;

/// One parameter w, whose loss is w^2 / 2, and a constant beside it.
struct Parabola {
  NamedTensors model{{"w", at::full({1}, 3.0, at::kFloat).requires_grad_()}, {"count", at::zeros({1})}};
  NamedTensors average{{"w", at::full({1}, 3.0, at::kFloat).requires_grad_()}, {"count", at::zeros({1})}};

  Optimization optimization(const OptimizationConfig& config, int64_t total_steps = 10) const {
    const auto backpropagate = [this](const TrainingBatch&) {
      const auto loss = model[0].second.square().sum() / 2;
      loss.backward();
      return detach_losses({.total = loss, .denoising = loss, .distinct = {}, .decorrelation = {}});
    };
    return {config,        total_steps,      {.adamw = {{trainable_tensors(model)}}}, model, average,
            backpropagate, /*records=*/false};
  }
  double weight() const { return model[0].second.item<double>(); }
  double ema_weight() const { return average[0].second.item<double>(); }
};

const OptimizationConfig kPlain{.learning_rate = 0.1, .weight_decay = 0, .ema_decay = 0.5};

TEST(Optimization, StepsByTheLearningRateAndAveragesTheWeights) {
  const Parabola parabola;
  Optimization optimization = parabola.optimization(kPlain);
  const StepResult result = optimization.step({});
  EXPECT_EQ(optimization.steps(), 1);
  EXPECT_FLOAT_EQ(result.losses.total.item<float>(), 4.5F);
  EXPECT_FLOAT_EQ(result.gradient_norm.item<float>(), 3.0F);
  EXPECT_NEAR(parabola.weight(), 2.9, 1e-6);  // the first step of Adam is as long as the learning rate
  const double decay = 2.0 / 11;              // (1 + step) / (10 + step), below 0.5
  EXPECT_NEAR(parabola.ema_weight(), decay * 3 + (1 - decay) * 2.9, 1e-6);
}

TEST(Optimization, CopiesWhatIsNotTrainedToTheAverage) {
  const Parabola parabola;
  Optimization optimization = parabola.optimization(kPlain);
  parabola.model[1].second.fill_(7);
  optimization.step({});
  EXPECT_EQ(parabola.average[1].second.item<float>(), 7);
}

TEST(Optimization, WithoutEmaTheAverageIsTheWeights) {
  const Parabola parabola;
  OptimizationConfig config = kPlain;
  config.ema_decay = 0;
  Optimization optimization = parabola.optimization(config);
  for (int i = 0; i < 3; ++i) optimization.step({});
  EXPECT_EQ(parabola.ema_weight(), parabola.weight());
  EXPECT_TRUE(optimization.ema().empty());
}

TEST(Optimization, GoesOnFromWhatItGave) {
  const Parabola parabola, other;
  Optimization optimization = parabola.optimization(kPlain), restored = other.optimization(kPlain);
  for (int i = 0; i < 3; ++i) optimization.step({});
  restored.restore(optimization.steps(), optimization.model(), optimization.ema(), optimization.optimizer());
  optimization.step({});
  restored.step({});
  EXPECT_EQ(restored.steps(), 4);
  EXPECT_EQ(other.weight(), parabola.weight());
  EXPECT_EQ(other.ema_weight(), parabola.ema_weight());
}

TEST(Optimization, NoticesAWeightThatIsNotFinite) {
  const Parabola parabola;
  const Optimization optimization = parabola.optimization(kPlain);
  EXPECT_TRUE(optimization.weights_are_finite());
  parabola.model[0].second.detach().fill_(INFINITY);
  EXPECT_FALSE(optimization.weights_are_finite());
}

TEST(LearningRate, WarmsUpThenFallsAsACosine) {
  const OptimizationConfig config{
      .learning_rate = 0.003, .learning_rate_schedule = LearningRateSchedule::kCosine, .warmup_steps = 2};
  EXPECT_DOUBLE_EQ(learning_rate_at(config, 0, 12), 0.0015);
  EXPECT_NEAR(learning_rate_at(config, 6, 12), 0.0015, 1e-12);  // half-way
  EXPECT_NEAR(learning_rate_at(config, 12, 12), 0, 1e-12);
}

TEST(LearningRate, StaysAfterItsWarmUpUnlessItIsToFall) {
  OptimizationConfig config{.learning_rate = 0.01, .warmup_steps = 4};
  for (int64_t step = 0; step < 20; ++step) {
    EXPECT_DOUBLE_EQ(learning_rate_at(config, step, 20), 0.01 * std::min(1.0, (step + 1) / 4.0)) << step;
  }
  config.learning_rate_schedule = LearningRateSchedule::kCosine;
  for (int64_t step = 4; step < 20; ++step) {
    EXPECT_LT(learning_rate_at(config, step, 20), learning_rate_at(config, step - 1, 20)) << step;
    if (step > 16) continue;  // both are warm
    EXPECT_NEAR(learning_rate_at(config, step, 20) + learning_rate_at(config, 20 - step, 20), 0.01, 1e-12);
  }
  EXPECT_NEAR(learning_rate_at(config, 30, 20), 0, 1e-15) << "beyond the end";
}

TEST(EmaDecay, RemembersLittleAtFirstAndNoMoreThanIsAskedFor) {
  EXPECT_DOUBLE_EQ(ema_decay_at(0.9999, 1), 2.0 / 11);
  EXPECT_DOUBLE_EQ(ema_decay_at(0.9999, 1'000'000), 0.9999);
  EXPECT_EQ(ema_decay_at(0, 5), 0) << "without EMA";
  for (int64_t step = 1; step < 200; ++step)
    EXPECT_LE(ema_decay_at(0.9, step), ema_decay_at(0.9, step + 1)) << step;
}

TEST(Optimization, ClipsTheGradientAndTellsItsNormBefore) {
  const Parabola parabola;
  OptimizationConfig config = kPlain;
  config.clip_gradient = 0.5;
  Optimization optimization = parabola.optimization(config);
  EXPECT_FLOAT_EQ(optimization.step({}).gradient_norm.item<float>(), 3.0F);
  const Dict state = optimization.optimizer();
  EXPECT_NEAR(state.at("exp_avg").dict().at("w").tensor().item<double>(), 0.1 * 0.5, 1e-6)
      << "what AdamW saw, times 1 - beta1";
  EXPECT_EQ(state.at("step").integer(), 1);
}

TEST(Optimization, BeginsWithGivenWeightsInModelAndAverage) {
  const Parabola parabola;
  Optimization optimization = parabola.optimization(kPlain);
  optimization.load_weights({{"w", at::full({1}, 5.0)}, {"count", at::ones({1})}});
  EXPECT_EQ(parabola.weight(), 5);
  EXPECT_EQ(parabola.ema_weight(), 5);
  optimization.load_weights({{"w", at::full({1}, 5.0)}, {"count", at::ones({1})}},
                            {{"w", at::full({1}, 4.0)}, {"count", at::ones({1})}});
  EXPECT_EQ(parabola.ema_weight(), 4);
  EXPECT_THROW(optimization.load_weights({{"w", at::full({2}, 5.0)}, {"count", at::ones({1})}}), ConfigError);
  EXPECT_EQ(optimization.steps(), 0);
}

TEST(UpdateEma, IsTheWeightedMean) {
  const auto average = at::full({2}, 1.0);
  update_ema({average}, {at::full({2}, 3.0)}, 0.75);
  EXPECT_TRUE(close(average, at::full({2}, 1.5), 1e-7));
}

TEST(TotalSteps, AreGivenOrFollowFromEpochs) {
  EXPECT_EQ(total_steps({.batch_size = 128, .epochs = 2}, 1000), 14);
  EXPECT_EQ(total_steps({.batch_size = 128, .epochs = 2, .max_steps = 5}, 1000), 5);
  EXPECT_EQ(total_steps({.batch_size = 128, .epochs = 2}, 50), 2);
}

}  // namespace
}  // namespace patronus
