#include "patronus/diffusion/samplers.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <cmath>

#include "diffusion/gaussian.h"
#include "support/failure.h"
#include "support/parity.h"

namespace patronus {
namespace {

using test::Gaussian;
using test::linear_schedule;

/// Every sampler with 10 steps (DDPM: all), and the timesteps that it is to visit.
struct NamedSampler {
  std::string name;
  SamplerSettings settings;
  int64_t steps;
  Spacing spacing = Spacing::kTime;

  at::Tensor run(const Denoiser& denoiser, const at::Tensor& x, const NoiseSchedule& schedule,
                 const StepHook& hook) const {
    return sample(denoiser, x, schedule, settings, {.noise = test::normal_noise(5), .step = hook});
  }
};

std::vector<NamedSampler> all_samplers() {
  return {{"Ddim", {.sampler = Sampler::kDdim, .steps = 10}, 10},
          {"DdimEta1", {.sampler = Sampler::kDdim, .steps = 10, .eta = 1}, 10},
          {"Ddpm", {.sampler = Sampler::kDdpm}, 50},
          {"DpmSolver", {.sampler = Sampler::kDpmSolver, .steps = 10}, 10, Spacing::kLogSnr},
          {"DpmSolver3", {.sampler = Sampler::kDpmSolver3, .steps = 10}, 10, Spacing::kLogSnr}};
}

class EverySampler : public testing::TestWithParam<NamedSampler> {};

TEST_P(EverySampler, EvaluatesTheNetworkOnceAtEachOfItsTimesteps) {
  const auto schedule = linear_schedule(50);
  std::vector<int64_t> asked, shown, indices;
  const Denoiser denoiser = [&](const at::Tensor& x_t, int64_t t) {
    asked.push_back(t);
    return Gaussian{}.predict(x_t, schedule.alpha_bar(t));
  };
  GetParam().run(denoiser, test::normal_images(2, 1), schedule, [&](const SamplerState& step) {
    shown.push_back(step.t);
    indices.push_back(step.index);
  });
  EXPECT_EQ(asked, step_timesteps(schedule, GetParam().steps, GetParam().spacing));
  EXPECT_EQ(shown, asked);
  for (size_t i = 0; i < indices.size(); ++i) EXPECT_EQ(indices[i], static_cast<int64_t>(i));
}

TEST_P(EverySampler, ShowsTheStateAndImageEstimateOfEveryStep) {
  const auto schedule = linear_schedule(50);
  const Gaussian data;
  at::Tensor state = test::normal_images(2, 1), last_estimate;
  const auto result = GetParam().run(data.denoiser(schedule), state, schedule, [&](const SamplerState& step) {
    EXPECT_TRUE(at::equal(step.x0, data.predict(state, schedule.alpha_bar(step.t)).x0))
        << "timestep " << step.t;
    state = step.x;
    last_estimate = step.x0;
  });
  EXPECT_TRUE(at::equal(state, result));
  EXPECT_TRUE(test::close(result, last_estimate, 1e-12))
      << "the clean image is the estimate of the last step";
}

TEST_P(EverySampler, KeepsTheDtypeAndLeavesItsArgumentAlone) {
  const auto schedule = linear_schedule(50);
  for (const auto dtype : {at::kFloat, at::kDouble}) {
    const auto x_t = test::normal_images(2, 1).to(dtype), before = x_t.clone();
    EXPECT_EQ(GetParam().run(Gaussian{}.denoiser(schedule), x_t, schedule, {}).scalar_type(), dtype);
    EXPECT_TRUE(at::equal(x_t, before));
  }
}

TEST_P(EverySampler, EndsAtTheImageWhereOnlyOneIsPossible) {
  const auto schedule = linear_schedule(50);
  const Gaussian one_image{.mean = 0.4, .deviation = 0};
  const auto result = GetParam().run(one_image.denoiser(schedule), test::normal_images(2, 1), schedule, {});
  EXPECT_TRUE(test::close(result, at::full_like(result, 0.4), 1e-12));
}

INSTANTIATE_TEST_SUITE_P(Samplers, EverySampler, testing::ValuesIn(all_samplers()),
                         [](const auto& info) { return info.param.name; });

TEST(Samplers, OfOneStepGiveTheImageEstimateOfTheNoise) {
  const auto schedule = linear_schedule(50);
  const auto x_t = test::normal_images(2, 1);
  const auto x0 = Gaussian{}.predict(x_t, schedule.alpha_bar(49)).x0;
  const auto denoiser = Gaussian{}.denoiser(schedule);
  for (const Sampler sampler : {Sampler::kDdim, Sampler::kDpmSolver, Sampler::kDpmSolver3}) {
    EXPECT_TRUE(at::equal(sample(denoiser, x_t, schedule, {.sampler = sampler, .steps = 1}), x0));
  }
}

TEST(Samplers, DoNotDependOnTheBatchThatAnImageIsDrawnIn) {
  const auto schedule = linear_schedule(50);
  const auto denoiser = Gaussian{}.denoiser(schedule);
  const auto x_t = test::normal_images(4, 1);
  const auto seeds = image_seeds(7, "sampling", 0, 4);
  for (const SamplerSettings& settings :
       {SamplerSettings{.sampler = Sampler::kDdpm}, SamplerSettings{.steps = 9, .eta = 1}}) {
    const auto together = sample(denoiser, x_t, schedule, settings, {.noise = noise_per_image(seeds)});
    for (int64_t i = 0; i < 4; ++i) {
      const auto alone =
          sample(denoiser, x_t.narrow(0, i, 1), schedule, settings, {.noise = noise_per_image({seeds[i]})});
      EXPECT_TRUE(test::close(alone[0], together[i], 1e-13));
    }
  }
}

TEST(Ddpm, EndsWithTheMeanAndDeviationThatItsStepsCompoundTo) {
  constexpr int64_t kImages = 25'000;  // of 4 pixels
  const auto schedule = linear_schedule(100);
  const Gaussian data;
  test::Population expected;
  for (int64_t t = 99; t >= 0; --t) {
    const double abar = schedule.alpha_bar(t), beta = schedule.beta(t);
    // eps = (x - sqrt(abar) x0) / sqrt(1 - abar) with x0 affine in x, put into the mean of the step
    const double weight = beta / (1 - abar);
    const double slope = (1 - weight * (1 - std::sqrt(abar) * data.x0_slope(abar))) / std::sqrt(1 - beta);
    const double offset = weight * std::sqrt(abar) * data.x0_offset(abar) / std::sqrt(1 - beta);
    expected = expected.after(slope, offset, t > 0 ? std::sqrt(beta) : 0);
  }
  const auto x = sample(data.denoiser(schedule), test::normal_images(kImages, 1), schedule,
                        {.sampler = Sampler::kDdpm}, {.noise = test::normal_noise(2)});
  EXPECT_NEAR(x.mean().item<double>(), expected.mean, 0.01 * expected.deviation);
  EXPECT_NEAR(x.std().item<double>(), expected.deviation, 0.01 * expected.deviation);
  EXPECT_NEAR(expected.mean, data.mean, 0.02);
  EXPECT_NEAR(expected.deviation, data.deviation, 0.05);
}

TEST(Ddpm, DrawsNoiseAtEveryLevelButTheLast) {
  const auto schedule = linear_schedule(30);
  int64_t draws = 0;
  const NoiseSource counted = [&](const at::Tensor& like) {
    ++draws;
    return at::zeros_like(like);
  };
  sample(Gaussian{}.denoiser(schedule), test::normal_images(1, 1), schedule, {.sampler = Sampler::kDdpm},
         {.noise = counted});
  EXPECT_EQ(draws, 29);
}

TEST(Ddim, AddsEtaTimesTheDeviationOfThePosterior) {
  const auto schedule = linear_schedule(1000);
  const auto timesteps = step_timesteps(schedule, 10);
  const double abar = schedule.alpha_bar(timesteps[0]), abar_next = schedule.alpha_bar(timesteps[1]);
  const double posterior = std::sqrt((1 - abar_next) / (1 - abar) * (1 - abar / abar_next));
  const auto same = at::ones({40'000, 1, 1, 1}, at::kDouble);
  for (const double eta : {0.0, 0.4, 1.0}) {
    double deviation = 0;
    const StepHook hook = [&](const SamplerState& step) {
      if (step.index == 0) deviation = step.x.std().item<double>();
    };
    sample(Gaussian{}.denoiser(schedule), same, schedule, {.steps = 10, .eta = eta},
           {.noise = test::normal_noise(3), .step = hook});
    EXPECT_NEAR(deviation, eta * posterior, 0.02 * posterior) << "eta " << eta;
  }
}

TEST(Ddim, KeepsTheNoiseLevelOfEveryStateWhateverEta) {
  const auto schedule = linear_schedule(1000);
  const auto timesteps = step_timesteps(schedule, 10);
  const Gaussian one_image{.mean = 0.4, .deviation = 0};
  const double abar = schedule.alpha_bar(999);
  const auto x_t = std::sqrt(abar) * 0.4 + std::sqrt(1 - abar) * test::normal_images(20'000, 1);
  for (const double eta : {0.0, 0.5, 1.0}) {
    const StepHook hook = [&](const SamplerState& step) {
      const auto next = static_cast<size_t>(step.index + 1);
      if (next == timesteps.size()) return;
      const double wanted = std::sqrt(1 - schedule.alpha_bar(timesteps[next]));
      EXPECT_NEAR(step.x.std().item<double>(), wanted, 0.01 * wanted)
          << "eta " << eta << ", step " << step.index;
    };
    sample(one_image.denoiser(schedule), x_t, schedule, {.steps = 10, .eta = eta},
           {.noise = test::normal_noise(3), .step = hook});
  }
}

TEST(Ddim, OfTheLongestStepsWithAllFreshNoiseIsFinite) {
  const NoiseSchedule schedule({.timesteps = 20'000, .schedule = BetaSchedule::kCosine});
  const auto x = sample(Gaussian{}.denoiser(schedule), test::normal_images(2, 1), schedule,
                        {.steps = 2, .eta = 1}, {.noise = test::normal_noise(3)});
  EXPECT_TRUE(x.isfinite().all().item<bool>());
}

TEST(SamplerSettings, WithoutStepsStandForTheSamplersUsualNumber) {
  const auto schedule = linear_schedule(1000);
  EXPECT_EQ(checked_steps({.sampler = Sampler::kDdim}, schedule), 50);
  EXPECT_EQ(checked_steps({.sampler = Sampler::kDpmSolver}, schedule), 20);
  EXPECT_EQ(checked_steps({.sampler = Sampler::kDpmSolver3}, schedule), 20);
  EXPECT_EQ(checked_steps({.sampler = Sampler::kDdpm}, schedule), 1000);
  EXPECT_EQ(checked_steps({.sampler = Sampler::kDdim}, linear_schedule(30)), 30);
}

TEST(SamplerSettings, AreTextInAProtocol) {
  const auto schedule = linear_schedule(1000);
  EXPECT_EQ(sampler_text({.sampler = Sampler::kDpmSolver}, schedule), "dpm-solver 20 steps, eta 0");
  EXPECT_EQ(sampler_text({.steps = 7, .eta = 0.25}, schedule), "ddim 7 steps, eta 0.25");
}

TEST(SamplerSettings, ThatASamplerCannotFollowAreRefused) {
  const auto schedule = linear_schedule(30);
  const auto error_of = [&](const SamplerSettings& settings) {
    return test::message_of(
        [&] { sample(Gaussian{}.denoiser(schedule), test::normal_images(1, 1), schedule, settings); });
  };
  EXPECT_EQ(error_of({.steps = -1}), "steps -1: expected 1 to 30 (diffusion.timesteps)");
  EXPECT_EQ(error_of({.sampler = Sampler::kDpmSolver, .steps = 31}),
            "steps 31: expected 1 to 30 (diffusion.timesteps)");
  EXPECT_EQ(error_of({.sampler = Sampler::kDdpm, .steps = 10}),
            "steps 10: the sampler ddpm always takes all 30; leave the steps out, or use ddim or dpm-solver");
  EXPECT_EQ(error_of({.eta = 1.5}), "eta 1.5: expected 0 to 1");
  EXPECT_EQ(error_of({.eta = NAN}), "eta nan: expected 0 to 1");
  EXPECT_EQ(error_of({.sampler = Sampler::kDpmSolver, .eta = 0.5}),
            "eta 0.5: only the sampler ddim has one; leave it out, or use ddim");
}

}  // namespace
}  // namespace patronus
