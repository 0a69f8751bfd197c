#include "patronus/diffusion/samplers.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <cmath>

#include "diffusion/gaussian.h"
#include "patronus/core/error.h"
#include "support/parity.h"

namespace patronus {
namespace {

using test::Gaussian;
using test::linear_schedule;

/// Every sampler with 10 steps (DDPM: all), as one kind of function.
struct NamedSampler {
  std::string name;
  std::function<at::Tensor(const Denoiser&, at::Tensor, const Schedule&, const StepHook&)> run;
  std::function<std::vector<int64_t>(const Schedule&)> levels;
};

std::vector<NamedSampler> all_samplers() {
  const auto ddim = [](double eta) {
    return [eta](const Denoiser& denoiser, at::Tensor x, const Schedule& schedule, const StepHook& hook) {
      const DdimOptions options{.steps = 10, .eta = eta, .noise = test::normal_noise(5)};
      return sample_ddim(denoiser, std::move(x), schedule, options, hook);
    };
  };
  const auto in_time = [](const Schedule& schedule) { return step_levels(schedule, 10); };
  return {
      {"Ddim", ddim(0), in_time},
      {"DdimEta1", ddim(1), in_time},
      {"Ddpm",
       [](const Denoiser& denoiser, at::Tensor x, const Schedule& schedule, const StepHook& hook) {
         return sample_ddpm(denoiser, std::move(x), schedule, {.noise = test::normal_noise(5)}, hook);
       },
       [](const Schedule& schedule) { return step_levels(schedule, schedule.timesteps()); }},
      {"DpmSolver",
       [](const Denoiser& denoiser, at::Tensor x, const Schedule& schedule, const StepHook& hook) {
         return sample_dpm_solver(denoiser, std::move(x), schedule, {.steps = 10}, hook);
       },
       [](const Schedule& schedule) { return step_levels(schedule, 10, Spacing::kLogSnr); }},
  };
}

class EverySampler : public testing::TestWithParam<NamedSampler> {};

TEST_P(EverySampler, EvaluatesTheNetworkOnceAtEachOfItsLevels) {
  const auto schedule = linear_schedule(50);
  std::vector<int64_t> asked, shown, indices;
  const Denoiser denoiser = [&](const at::Tensor& x_t, int64_t t) {
    asked.push_back(t);
    return Gaussian{}.predict(x_t, schedule.alpha_bar(t));
  };
  GetParam().run(denoiser, test::normal_images(2, 1), schedule, [&](const Step& step) {
    shown.push_back(step.t);
    indices.push_back(step.index);
  });
  EXPECT_EQ(asked, GetParam().levels(schedule));
  EXPECT_EQ(shown, asked);
  for (size_t i = 0; i < indices.size(); ++i) EXPECT_EQ(indices[i], static_cast<int64_t>(i));
}

TEST_P(EverySampler, ShowsTheStateAndImageEstimateOfEveryStep) {
  const auto schedule = linear_schedule(50);
  const Gaussian data;
  at::Tensor state = test::normal_images(2, 1), last_estimate;
  const auto result = GetParam().run(data.denoiser(schedule), state, schedule, [&](const Step& step) {
    EXPECT_TRUE(at::equal(step.x0, data.predict(state, schedule.alpha_bar(step.t)).x0)) << "level " << step.t;
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
  EXPECT_TRUE(at::equal(sample_ddim(denoiser, x_t, schedule, {.steps = 1}), x0));
  EXPECT_TRUE(at::equal(sample_dpm_solver(denoiser, x_t, schedule, {.steps = 1}), x0));
}

TEST(Samplers, DoNotDependOnTheBatchThatAnImageIsDrawnIn) {
  const auto schedule = linear_schedule(50);
  const auto denoiser = Gaussian{}.denoiser(schedule);
  const auto x_t = test::normal_images(4, 1);
  const auto seeds = image_seeds(7, "sampling", 0, 4);
  const auto ddpm = sample_ddpm(denoiser, x_t, schedule, {.noise = noise_per_image(seeds)});
  const auto ddim =
      sample_ddim(denoiser, x_t, schedule, {.steps = 9, .eta = 1, .noise = noise_per_image(seeds)});
  for (int64_t i = 0; i < 4; ++i) {
    const auto alone = x_t.narrow(0, i, 1);
    const auto noise = [&] { return noise_per_image({seeds[static_cast<size_t>(i)]}); };
    EXPECT_TRUE(test::close(sample_ddpm(denoiser, alone, schedule, {.noise = noise()})[0], ddpm[i], 1e-13));
    const DdimOptions options{.steps = 9, .eta = 1, .noise = noise()};
    EXPECT_TRUE(test::close(sample_ddim(denoiser, alone, schedule, options)[0], ddim[i], 1e-13));
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
  const DdpmOptions options{.noise = test::normal_noise(2)};
  const auto x = sample_ddpm(data.denoiser(schedule), test::normal_images(kImages, 1), schedule, options);
  EXPECT_NEAR(x.mean().item<double>(), expected.mean, 0.01 * expected.deviation);
  EXPECT_NEAR(x.std().item<double>(), expected.deviation, 0.01 * expected.deviation);
  EXPECT_NEAR(expected.mean, data.mean, 0.02);
  EXPECT_NEAR(expected.deviation, data.deviation, 0.05);
}

TEST(Ddpm, DrawsNoiseAtEveryLevelButTheLast) {
  for (const bool visit_level_zero : {true, false}) {
    const auto schedule = linear_schedule(30);
    int64_t draws = 0, evaluations = 0;
    const DdpmOptions options{.noise =
                                  [&](const at::Tensor& like) {
                                    ++draws;
                                    return at::zeros_like(like);
                                  },
                              .visit_level_zero = visit_level_zero};
    sample_ddpm(Gaussian{}.denoiser(schedule), test::normal_images(1, 1), schedule, options,
                [&](const Step&) { ++evaluations; });
    EXPECT_EQ(evaluations, visit_level_zero ? 30 : 29);
    EXPECT_EQ(draws, evaluations - 1);
  }
}

TEST(Ddim, AddsEtaTimesTheDeviationOfThePosterior) {
  const auto schedule = linear_schedule(1000);
  const auto levels = step_levels(schedule, 10);
  const double abar = schedule.alpha_bar(levels[0]), abar_next = schedule.alpha_bar(levels[1]);
  const double posterior = std::sqrt((1 - abar_next) / (1 - abar) * (1 - abar / abar_next));
  const auto same = at::ones({40'000, 1, 1, 1}, at::kDouble);
  for (const double eta : {0.0, 0.4, 1.0}) {
    const DdimOptions options{.steps = 10, .eta = eta, .noise = test::normal_noise(3)};
    double deviation = 0;
    sample_ddim(Gaussian{}.denoiser(schedule), same, schedule, options, [&](const Step& step) {
      if (step.index == 0) deviation = step.x.std().item<double>();
    });
    EXPECT_NEAR(deviation, eta * posterior, 0.02 * posterior) << "eta " << eta;
  }
}

TEST(Ddim, KeepsTheNoiseLevelOfEveryStateWhateverEta) {
  const auto schedule = linear_schedule(1000);
  const auto levels = step_levels(schedule, 10);
  const Gaussian one_image{.mean = 0.4, .deviation = 0};
  const double abar = schedule.alpha_bar(999);
  const auto x_t = std::sqrt(abar) * 0.4 + std::sqrt(1 - abar) * test::normal_images(20'000, 1);
  for (const double eta : {0.0, 0.5, 1.0}) {
    const DdimOptions options{.steps = 10, .eta = eta, .noise = test::normal_noise(3)};
    sample_ddim(one_image.denoiser(schedule), x_t, schedule, options, [&](const Step& step) {
      const auto next = static_cast<size_t>(step.index + 1);
      if (next == levels.size()) return;
      const double wanted = std::sqrt(1 - schedule.alpha_bar(levels[next]));
      EXPECT_NEAR(step.x.std().item<double>(), wanted, 0.01 * wanted)
          << "eta " << eta << ", step " << step.index;
    });
  }
}

}  // namespace
}  // namespace patronus
