#include "patronus/diffusion/sample_images.h"

#include <ATen/Functions.h>

#include "diffusion/gaussian.h"
#include "patronus/core/error.h"
#include "support/parity.h"

namespace patronus {
namespace {

std::string error_of_choice(const SamplerOptions& options) {
  const auto schedule = test::linear_schedule(30);
  try {
    sample_images(test::Gaussian{}.denoiser(schedule), test::normal_images(1, 1), schedule, options);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

TEST(SampleImages, RunsTheSamplerThatIsNamed) {
  const auto schedule = test::linear_schedule(30);
  const auto denoiser = test::Gaussian{}.denoiser(schedule);
  const auto x_t = test::normal_images(2, 1);
  const auto chosen = [&](Sampler sampler, std::optional<int64_t> steps, double eta) {
    return sample_images(denoiser, x_t, schedule,
                         {.sampler = sampler, .steps = steps, .eta = eta, .noise = test::normal_noise(2)});
  };
  const auto noise = [] { return test::normal_noise(2); };
  EXPECT_TRUE(at::equal(chosen(Sampler::kDdim, 7, 0), sample_ddim(denoiser, x_t, schedule, {.steps = 7})));
  EXPECT_TRUE(at::equal(chosen(Sampler::kDdim, 7, 0.5),
                        sample_ddim(denoiser, x_t, schedule, {.steps = 7, .eta = 0.5, .noise = noise()})));
  EXPECT_TRUE(
      at::equal(chosen(Sampler::kDpmSolver, 7, 0), sample_dpm_solver(denoiser, x_t, schedule, {.steps = 7})));
  EXPECT_TRUE(at::equal(chosen(Sampler::kDpmSolver3, 7, 0),
                        sample_dpm_solver(denoiser, x_t, schedule, {.steps = 7, .order = 3})));
  EXPECT_TRUE(
      at::equal(chosen(Sampler::kDdpm, 30, 0), sample_ddpm(denoiser, x_t, schedule, {.noise = noise()})));
}

TEST(SampleImages, WithoutStepsTakesTheSamplersUsualNumber) {
  const auto schedule = test::linear_schedule(1000);
  EXPECT_EQ(checked_steps({.sampler = Sampler::kDdim}, schedule), 50);
  EXPECT_EQ(checked_steps({.sampler = Sampler::kDpmSolver}, schedule), 20);
  EXPECT_EQ(checked_steps({.sampler = Sampler::kDdpm}, schedule), 1000);
  EXPECT_EQ(checked_steps({.sampler = Sampler::kDdim}, test::linear_schedule(30)), 30);
}

TEST(SampleImages, ShowsItsStepsToTheHook) {
  const auto schedule = test::linear_schedule(30);
  for (const Sampler sampler : {Sampler::kDdim, Sampler::kDdpm, Sampler::kDpmSolver, Sampler::kDpmSolver3}) {
    int64_t steps = 0;
    sample_images(test::Gaussian{}.denoiser(schedule), test::normal_images(1, 1), schedule,
                  {.sampler = sampler, .noise = test::normal_noise(2)}, [&](const Step&) { ++steps; });
    EXPECT_EQ(steps, checked_steps({.sampler = sampler}, schedule));
  }
}

TEST(SampleImages, RefusesWhatASamplerCannotDo) {
  EXPECT_EQ(error_of_choice({.steps = 0}),
            "steps 0: expected 1 to 30, the number of noise levels (diffusion.timesteps)");
  EXPECT_EQ(error_of_choice({.sampler = Sampler::kDpmSolver, .steps = 31}),
            "steps 31: expected 1 to 30, the number of noise levels (diffusion.timesteps)");
  EXPECT_EQ(error_of_choice({.sampler = Sampler::kDdpm, .steps = 10}),
            "steps 10: the sampler ddpm always takes all 30; leave the steps out, or use ddim or dpm-solver");
  EXPECT_EQ(error_of_choice({.eta = 1.5}), "eta 1.5: expected 0 to 1");
  EXPECT_EQ(error_of_choice({.eta = NAN}), "eta nan: expected 0 to 1");
  EXPECT_EQ(error_of_choice({.sampler = Sampler::kDpmSolver, .eta = 0.5}),
            "eta 0.5: only the sampler ddim has one; leave it out, or use ddim");
}

}  // namespace
}  // namespace patronus
