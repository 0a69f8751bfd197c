#include "patronus/diffusion/noise_schedule.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "diffusion/gaussian.h"
#include "patronus/core/error.h"
#include "support/parity.h"

namespace patronus {
namespace {

using test::linear_schedule;

std::string error_of_steps(int64_t steps) {
  try {
    step_timesteps(linear_schedule(1000), steps);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

TEST(NoiseSchedule, LinearBetasRunFromTheFirstToTheLastWhateverTheirNumber) {
  for (const int64_t timesteps : {21, 100, 1000, 5000}) {
    const auto schedule = linear_schedule(timesteps);
    const double scale = 1000.0 / static_cast<double>(timesteps);
    EXPECT_EQ(schedule.timesteps(), timesteps);
    EXPECT_DOUBLE_EQ(schedule.beta(0), 1e-4 * scale);
    EXPECT_DOUBLE_EQ(schedule.beta(timesteps - 1), 0.02 * scale);
    EXPECT_DOUBLE_EQ(schedule.alpha_bar(1), (1 - schedule.beta(0)) * (1 - schedule.beta(1)));
  }
}

TEST(NoiseSchedule, TimestepMinusOneIsTheCleanImage) {
  const auto schedule = linear_schedule(100);
  EXPECT_EQ(schedule.alpha_bar(-1), 1);
  EXPECT_EQ(schedule.half_log_snr(-1), INFINITY);
  EXPECT_DOUBLE_EQ(std::exp(-2 * schedule.half_log_snr(40)), 1 / schedule.alpha_bar(40) - 1);
}

TEST(NoiseSchedule, CosineFollowsTheSquaredCosine) {
  const NoiseSchedule schedule({.timesteps = 1000, .schedule = BetaSchedule::kCosine});
  const auto curve = [](double time) {
    return std::pow(std::cos((time + 0.008) / 1.008 * std::numbers::pi / 2), 2);
  };
  for (const int64_t t : {0, 250, 499, 900}) {
    const double time = static_cast<double>(t + 1) / 1000;
    EXPECT_NEAR(schedule.alpha_bar(t), curve(time) / curve(0), 1e-9);
  }
  EXPECT_DOUBLE_EQ(schedule.beta(999), 0.999);
  EXPECT_GT(schedule.alpha_bar(999), 0);
}

TEST(NoiseSchedule, LosesSomeOfTheImageAtEveryTimestepAndNeverAllOfIt) {
  for (const auto kind : {BetaSchedule::kLinear, BetaSchedule::kCosine}) {
    for (const int64_t timesteps : {21, 50, 1000, 10'000}) {
      const NoiseSchedule schedule({.timesteps = timesteps, .schedule = kind});
      SCOPED_TRACE(to_string(kind) + " " + std::to_string(timesteps));
      for (int64_t t = 0; t < timesteps; ++t) {
        ASSERT_GT(schedule.beta(t), 0) << t;
        ASSERT_LT(schedule.beta(t), 1) << t;
        ASSERT_LT(schedule.alpha_bar(t), schedule.alpha_bar(t - 1)) << t;
        ASSERT_LT(schedule.half_log_snr(t), schedule.half_log_snr(t - 1)) << t;
        ASSERT_TRUE(std::isfinite(schedule.half_log_snr(t))) << t;
      }
      EXPECT_GT(schedule.alpha_bar(0), 0.95) << "the first step hides next to nothing";
      EXPECT_LT(schedule.alpha_bar(timesteps - 1), 1e-3) << "the last one next to all";
    }
  }
}

TEST(NoiseSchedule, FactorsKeepTheVarianceOfEveryImageAndItsShape) {
  const auto schedule = linear_schedule(50);
  const auto t = at::tensor({49, 0, 7}, at::kLong);
  for (const auto& shape : {std::vector<int64_t>{3, 2}, std::vector<int64_t>{3, 1, 4, 4}}) {
    const auto factors = schedule.factors(t, at::zeros(shape, at::kDouble));
    EXPECT_EQ(factors.signal.dim(), static_cast<int64_t>(shape.size()));
    EXPECT_TRUE(
        test::close((factors.signal.square() + factors.noise.square()).flatten(), at::ones({3}), 1e-12));
    EXPECT_NEAR(factors.signal.flatten()[2].item<double>(), std::sqrt(schedule.alpha_bar(7)), 1e-12);
  }
}

TEST(StepTimesteps, OfAnyNumberFallFromTheLastToTheFirstUnderEitherSpacing) {
  for (const auto kind : {BetaSchedule::kLinear, BetaSchedule::kCosine}) {
    const NoiseSchedule schedule({.timesteps = 21, .schedule = kind});
    for (const auto spacing : {Spacing::kTime, Spacing::kLogSnr}) {
      for (int64_t steps = 2; steps <= 21; ++steps) {
        const auto timesteps = step_timesteps(schedule, steps, spacing);
        ASSERT_EQ(std::ssize(timesteps), steps);
        EXPECT_EQ(timesteps.front(), 20);
        EXPECT_EQ(timesteps.back(), 0) << steps;
        for (size_t i = 1; i < timesteps.size(); ++i) EXPECT_LT(timesteps[i], timesteps[i - 1]) << steps;
      }
    }
  }
}

TEST(NoiseSchedule, AddsEveryImageTheNoiseOfItsOwnLevel) {
  const auto schedule = linear_schedule(100);
  const auto x0 = test::normal_images(3, 1), noise = test::normal_images(3, 2);
  const std::vector<int64_t> timesteps{0, 99, 40};
  const auto x_t = schedule.add_noise(x0, noise, at::tensor(timesteps, at::kLong));
  for (int64_t i = 0; i < 3; ++i) {
    const double abar = schedule.alpha_bar(timesteps[i]);
    EXPECT_TRUE(test::close(x_t[i], std::sqrt(abar) * x0[i] + std::sqrt(1 - abar) * noise[i], 1e-14));
  }
}

TEST(NoiseSchedule, KeepsTheDtypeOfTheImages) {
  const auto x0 = test::normal_images(1, 1).to(at::kFloat);
  EXPECT_EQ(linear_schedule(50).add_noise(x0, x0, at::tensor({7}, at::kLong)).scalar_type(), at::kFloat);
}

TEST(StepTimesteps, RunFromTheLastToTheFirstAndDiffer) {
  for (const auto spacing : {Spacing::kTime, Spacing::kLogSnr}) {
    for (const int64_t count : {21, 50, 1000}) {
      const auto schedule = linear_schedule(count);
      for (int64_t steps = 2; steps <= count; steps += 1 + steps / 10) {
        const auto timesteps = step_timesteps(schedule, steps, spacing);
        ASSERT_EQ(std::ssize(timesteps), steps);
        EXPECT_EQ(timesteps.front(), count - 1);
        EXPECT_EQ(timesteps.back(), 0);
        for (size_t i = 1; i < timesteps.size(); ++i)
          ASSERT_LT(timesteps[i], timesteps[i - 1]) << steps << " of " << count;
      }
    }
  }
}

TEST(StepTimesteps, AreEvenInTimeToHalfAStep) {
  EXPECT_EQ(step_timesteps(linear_schedule(1000), 5), (std::vector<int64_t>{999, 749, 500, 250, 0}));
}

TEST(StepTimesteps, AreEvenInLogSnrWhereTimestepsAreDense) {
  const auto schedule = linear_schedule(100'000);
  const auto timesteps = step_timesteps(schedule, 21, Spacing::kLogSnr);
  const double step = (schedule.half_log_snr(0) - schedule.half_log_snr(99'999)) / 20;
  for (size_t i = 1; i + 3 < timesteps.size(); ++i) {
    EXPECT_NEAR(schedule.half_log_snr(timesteps[i]) - schedule.half_log_snr(timesteps[i - 1]), step,
                0.02 * step);
  }
}

TEST(StepTimesteps, OfAllStepsAreAllTimesteps) {
  for (const auto spacing : {Spacing::kTime, Spacing::kLogSnr}) {
    const auto timesteps = step_timesteps(linear_schedule(30), 30, spacing);
    for (int64_t i = 0; i < 30; ++i) EXPECT_EQ(timesteps[i], 29 - i);
  }
}

TEST(StepTimesteps, OfOneStepAreTheLastLevel) {
  EXPECT_EQ(step_timesteps(linear_schedule(30), 1), std::vector<int64_t>{29});
  EXPECT_EQ(step_timesteps(linear_schedule(30), 1, Spacing::kLogSnr), std::vector<int64_t>{29});
}

TEST(StepTimesteps, RefuseNumbersOutsideTheSchedule) {
  EXPECT_EQ(error_of_steps(0), "steps 0: expected 1 to 1000 (diffusion.timesteps)");
  EXPECT_EQ(error_of_steps(1001), "steps 1001: expected 1 to 1000 (diffusion.timesteps)");
  EXPECT_EQ(error_of_steps(1000), "no error");
}

TEST(SamplingSteps, ConnectTheLevelsAndEndAtTheCleanImage) {
  const auto steps = sampling_steps(linear_schedule(1000), 3);
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[0].from, 999);
  EXPECT_EQ(steps[0].to, 500);
  EXPECT_EQ(steps[1].from, 500);
  EXPECT_EQ(steps[1].to, 0);
  EXPECT_EQ(steps[2].from, 0);
  EXPECT_EQ(steps[2].to, -1);
}

}  // namespace
}  // namespace patronus
