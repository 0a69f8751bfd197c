#include "patronus/diffusion/variational_bound.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "diffusion/gaussian.h"
#include "support/failure.h"
#include "support/parity.h"

namespace patronus {
namespace {

constexpr test::Gaussian kData{.mean = 0.2, .deviation = 0.1};

/// Draws of `kData`, rounded to the 256 grey values.
at::Tensor grey_images(int64_t count) {
  const auto values =
      kData.mean + kData.deviation * at::randn({count, 3, 8, 8}, make_generator(1), at::kDouble);
  return (((values + 1) * 127.5).round() / 127.5 - 1).clamp(-1, 1);
}

/// Bits that one of its grey values, 2 / 255 wide, is worth on average.
double entropy_bits() {
  return std::log2(kData.deviation * std::sqrt(2 * std::numbers::pi * std::numbers::e)) + std::log2(127.5);
}

VariationalBound bound_of(const Denoiser& denoiser, const NoiseSchedule& schedule, int64_t steps) {
  return variational_bound(denoiser, grey_images(64), test::normal_noise(2), schedule, steps);
}

double mean_bits(int64_t timesteps, int64_t steps) {
  const auto schedule = test::linear_schedule(timesteps);
  return bound_of(kData.denoiser(schedule), schedule, steps).bits().mean().item<double>();
}

TEST(VariationalBound, OfTheExactDenoiserIsTheEntropyOfTheData) {
  const double whole = mean_bits(1000, 1000);
  EXPECT_GT(whole, entropy_bits() - 0.02);  // rounding and 12,288 pixels
  EXPECT_LT(whole, entropy_bits() + 0.10);
}

TEST(VariationalBound, OfFewStepsIsLooser) {
  const double whole = mean_bits(1000, 1000), hundred = mean_bits(1000, 100), ten = mean_bits(1000, 10);
  EXPECT_LT(whole, hundred);
  EXPECT_LT(hundred + 0.3, ten);
}

TEST(VariationalBound, OfAWorseDenoiserIsLooserByItsErrorAtEveryStep) {
  const auto schedule = test::linear_schedule(1000);
  const auto exact = kData.denoiser(schedule);
  const Denoiser shifted = [&](const at::Tensor& x_t, int64_t t) {
    const Prediction p = exact(x_t, t);
    return Prediction{p.x0 + 0.05, p.eps};
  };
  const VariationalBound good = bound_of(exact, schedule, 50), bad = bound_of(shifted, schedule, 50);
  ASSERT_EQ(good.timesteps, bad.timesteps);
  EXPECT_TRUE(at::equal(good.prior, bad.prior));
  const auto more = (bad.terms - good.terms).mean(0);
  for (int64_t s = 0; s + 1 < 50; ++s) {
    const int64_t from = good.timesteps[s], to = good.timesteps[s + 1];
    const double noise = 1 - schedule.alpha_bar(from);
    const double beta = 1 - schedule.alpha_bar(from) / schedule.alpha_bar(to);
    const double coefficient = std::sqrt(schedule.alpha_bar(to)) * beta / noise;  // of x0 in the step's mean
    const double weight = coefficient * coefficient / (2 * beta) / std::numbers::ln2;
    // The square of the shift; the cross term is the mean error of 12,288 pixels.
    EXPECT_NEAR(more[s].item<double>(), weight * 0.0025, weight * 4 * 2 * 0.05 * 0.1 / std::sqrt(12288));
  }
  EXPECT_GT(more[49].item<double>(), 10);
}

TEST(VariationalBound, TheDecoderSpreadsOneOverAllGreyValues) {
  const auto schedule = test::linear_schedule(1000);
  const auto greys = (at::arange(256, at::kDouble) / 127.5 - 1).view({256, 1, 1, 1});
  for (const double mean : {-1.0, -0.31, 0.0, 0.502, 0.9999}) {
    const Denoiser constant = [&](const at::Tensor& x_t, int64_t) {
      return Prediction{at::full_like(x_t, mean), x_t};
    };
    const auto bound = variational_bound(constant, greys, test::normal_noise(3), schedule, 2);
    EXPECT_NEAR(at::exp2(-bound.terms.select(1, -1)).sum().item<double>(), 1, 1e-9) << mean;
    EXPECT_TRUE(bound.terms.isfinite().all().item<bool>());
  }
}

TEST(VariationalBound, PriorAndImageErrorsAreThoseOfTheirFormulas) {
  const auto schedule = test::linear_schedule(50);
  const auto images = at::tensor({-1.0, 0.2}, at::kDouble).view({2, 1, 1, 1}).expand({2, 3, 2, 2});
  // Its estimates lie beyond the grey values, which steps are bounded by, and errors are not.
  const Denoiser beyond = [](const at::Tensor& x_t, int64_t) {
    return Prediction{at::full_like(x_t, 1.5), x_t};
  };
  const VariationalBound bound = variational_bound(beyond, images, test::normal_noise(1), schedule, 7);
  const double alpha_bar = schedule.alpha_bar(49);
  for (const auto& [image, grey] : {std::pair{0, -1.0}, {1, 0.2}}) {
    const double prior =
        0.5 * (alpha_bar * grey * grey - alpha_bar - std::log(1 - alpha_bar)) / std::numbers::ln2;
    EXPECT_NEAR(bound.prior[image].item<double>(), prior, 1e-9);
    EXPECT_TRUE(
        test::close(bound.x0_error[image], at::full({7}, (1.5 - grey) * (1.5 - grey), at::kDouble), 1e-9));
  }
  const Denoiser white = [](const at::Tensor& x_t, int64_t) { return Prediction{at::ones_like(x_t), x_t}; };
  const VariationalBound clipped = variational_bound(white, images, test::normal_noise(1), schedule, 7);
  EXPECT_TRUE(at::equal(bound.terms, clipped.terms));
  EXPECT_TRUE(test::close(bound.bits(), bound.prior + bound.terms.sum(1), 1e-12));
  EXPECT_EQ(bound.timesteps, step_timesteps(schedule, 7, Spacing::kLogSnr));
}

TEST(VariationalBound, DrawsNoiseOnceATimestepAndShowsTheNetworkImagesWithIt) {
  const auto schedule = test::linear_schedule(50);
  const auto images = grey_images(2);
  double draws = 0;
  const NoiseSource numbered = [&](const at::Tensor& like) { return at::full_like(like, ++draws); };
  std::vector<int64_t> asked;
  const Denoiser denoiser = [&](const at::Tensor& x_t, int64_t t) {
    asked.push_back(t);
    const double abar = schedule.alpha_bar(t);
    const auto expected = std::sqrt(abar) * images + std::sqrt(1 - abar) * static_cast<double>(asked.size());
    EXPECT_TRUE(test::close(x_t, expected, 1e-9)) << t;
    return Prediction{images, x_t};
  };
  const VariationalBound bound = variational_bound(denoiser, images, numbered, schedule, 5);
  EXPECT_EQ(asked, bound.timesteps);
  EXPECT_EQ(draws, 5);
  EXPECT_EQ(bound.x0_error.abs().max().item<double>(), 0);
}

TEST(VariationalBound, AsksForTwoStepsAtLeast) {
  EXPECT_EQ(test::message_of([] { mean_bits(100, 1); }), "bound over 1 steps: expected at least 2");
  EXPECT_EQ(test::message_of([] { mean_bits(100, 101); }),
            "steps 101: expected 1 to 100 (diffusion.timesteps)");
}

}  // namespace
}  // namespace patronus
