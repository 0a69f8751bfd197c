#include "patronus/diffusion/latent_prior.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "diffusion/gaussian.h"
#include "patronus/diffusion/samplers.h"
#include "support/parity.h"
#include "support/reference_latent_sampler.h"

// How latent vectors are drawn, with the exact denoiser of a Gaussian: whatever deviation is lost is the
// sampler's fault. T = 100, as latent models have.

namespace patronus {
namespace {

const test::Gaussian kVectors{.mean = 1.5, .deviation = 0.7};
const NoiseSchedule kLatentSchedule({.timesteps = 100});

at::Tensor latent_noise() {
  return at::randn({10'000, 1, 20}, make_generator(1), at::kDouble);
}

/// What DDIM's affine steps compound to.
test::Population ddim_chain() {
  test::Population population;
  for (int64_t t = 99; t >= 0; --t) {
    const double abar = kLatentSchedule.alpha_bar(t), next = kLatentSchedule.alpha_bar(t - 1);
    const double slope = kVectors.x0_slope(abar), offset = kVectors.x0_offset(abar);
    // x0 = slope x + offset; eps = (x - sqrt(abar) x0) / sqrt(1 - abar)
    const double noise = std::sqrt(1 - next) / std::sqrt(1 - abar), image = std::sqrt(next);
    population = population.after(image * slope + noise * (1 - std::sqrt(abar) * slope),
                                  image * offset - noise * std::sqrt(abar) * offset, 0);
  }
  return population;
}

/// What the affine steps of DDPM with variance beta_t compound to.
test::Population ddpm_chain() {
  test::Population population;
  for (int64_t t = 99; t >= 0; --t) {
    const double abar = kLatentSchedule.alpha_bar(t), beta = kLatentSchedule.beta(t);
    const double weight = beta / (1 - abar), scale = 1 / std::sqrt(1 - beta);
    population = population.after(scale * (1 - weight * (1 - std::sqrt(abar) * kVectors.x0_slope(abar))),
                                  scale * weight * std::sqrt(abar) * kVectors.x0_offset(abar),
                                  t > 0 ? std::sqrt(beta) : 0);
  }
  return population;
}

void expect_population(const at::Tensor& x, const test::Population& expected) {
  EXPECT_NEAR(x.mean().item<double>(), expected.mean, 0.01 * expected.deviation);
  EXPECT_NEAR(x.std().item<double>(), expected.deviation, 0.01 * expected.deviation);
}

TEST(LatentSamplers, DdimEndsWithTheMeanAndDeviationOfItsChain) {
  const auto x = sample(kVectors.denoiser(kLatentSchedule), latent_noise(), kLatentSchedule, {.steps = 100});
  expect_population(x, ddim_chain());
  EXPECT_NEAR(ddim_chain().deviation, 0.684, 0.0005);
  EXPECT_NEAR(ddim_chain().mean, 1.5, 0.01);
}

TEST(LatentSamplers, DdpmEndsWithTheMeanAndDeviationOfItsChain) {
  const auto x = sample(kVectors.denoiser(kLatentSchedule), latent_noise(), kLatentSchedule,
                        {.sampler = Sampler::kDdpm}, {.noise = test::normal_noise(2)});
  expect_population(x, ddpm_chain());
  EXPECT_NEAR(ddpm_chain().deviation, 0.705, 0.0005);
  EXPECT_NEAR(ddpm_chain().mean, 1.5, 0.01);
}

TEST(LatentSamplers, OfTheReferenceLoseMostOfTheDeviation) {
  const auto denoiser = kVectors.denoiser(kLatentSchedule);
  const auto ddim =
      test::reference_latent_ddim(denoiser, latent_noise(), kLatentSchedule, 0, test::normal_noise(2));
  const auto ddpm =
      test::reference_latent_ddpm(denoiser, latent_noise(), kLatentSchedule, test::normal_noise(2));
  EXPECT_NEAR(ddim.std().item<double>(), 0.48, 0.01);
  EXPECT_NEAR(ddpm.std().item<double>(), 0.28, 0.01);
}

LatentPrior small_prior() {
  seed_default_generators(5);
  LatentPrior prior{UNet1d(UNet1dConfig{.base_channels = 8, .residual_blocks = 1}, 30),
                    {at::full({6}, 3.0f), at::full({6}, 0.5f)},
                    NoiseSchedule({.timesteps = 30}),
                    PredictionKind::kV};
  prior.unet->eval();
  return prior;
}

TEST(LatentPrior, DrawsEveryVectorFromItsOwnSeed) {
  const LatentPrior prior = small_prior();
  const auto all = sample_latents(prior, {7, 8, 9}, {.sampler = Sampler::kDdpm});
  EXPECT_EQ(all.sizes(), (at::IntArrayRef{3, 6}));
  EXPECT_TRUE(test::close(sample_latents(prior, {9, 7}, {.sampler = Sampler::kDdpm}),
                          at::stack({all[2], all[0]}), 1e-5));
  EXPECT_FALSE(at::allclose(all[0], all[1], 0, 1e-2));
}

TEST(LatentPrior, GivesActivationsInTheirOwnUnits) {
  LatentPrior prior = small_prior();
  const auto z = (sample_latents(prior, {7}, {}) - 3) / 0.5;
  prior.scale = {at::zeros({6}), at::ones({6})};
  EXPECT_TRUE(test::close(sample_latents(prior, {7}, {}), z, 1e-5));
}

}  // namespace
}  // namespace patronus
