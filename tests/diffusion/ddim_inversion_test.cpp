#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "diffusion/gaussian.h"
#include "patronus/diffusion/round_trip.h"
#include "support/failure.h"
#include "support/parity.h"

namespace patronus {
namespace {

using test::linear_schedule;
using test::normal_images;

/// Pixels that are -1 or +1, blurred by this deviation: the noise estimate turns sharply between the two.
struct TwoValues {
  double deviation = 0.2;

  Denoiser denoiser(const NoiseSchedule& schedule) const {
    return [*this, schedule](const at::Tensor& x, int64_t t) {
      const double abar = schedule.alpha_bar(t), variance = abar * deviation * deviation + 1 - abar;
      const auto mean = at::tanh(std::sqrt(abar) * x / variance);  // of the two values, given x
      const auto x0 =
          mean + (std::sqrt(abar) * deviation * deviation / variance) * (x - std::sqrt(abar) * mean);
      return Prediction{x0, (x - std::sqrt(abar) * x0) / std::sqrt(1 - abar)};
    };
  }
  at::Tensor images(int64_t count) const {
    return normal_images(count, 1).sign() + deviation * normal_images(count, 2);
  }
};

/// Counts the evaluations at every timestep.
struct Counted {
  Denoiser denoiser(Denoiser inner) {
    return [this, inner = std::move(inner)](const at::Tensor& x, int64_t t) {
      timesteps.push_back(t);
      return inner(x, t);
    };
  }
  int64_t count() const { return std::ssize(timesteps); }

  std::vector<int64_t> timesteps;
};

TEST(DdimInversion, PlainAsksTheNetworkOnceAtEachLevelOfSamplingInReverse) {
  const auto schedule = linear_schedule(1000);
  Counted counted;
  std::vector<at::Tensor> estimates;
  const auto x0 = normal_images(1, 1);
  const auto inversion = invert_ddim(counted.denoiser(test::Gaussian{}.denoiser(schedule)), x0, schedule,
                                     {.steps = 5, .method = InversionMethod::kPlain},
                                     [&](const SamplerState& step) { estimates.push_back(step.x0); });
  EXPECT_EQ(counted.timesteps, (std::vector<int64_t>{0, 250, 500, 749, 999}));
  EXPECT_EQ(inversion.evaluations.item<int64_t>(), 5);
  EXPECT_TRUE(at::equal(estimates.front(), x0)) << "the clean image needs no estimate";
}

TEST(DdimInversion, IsExactWhereTheNoiseEstimateDoesNotDependOnTheImage) {
  const auto schedule = linear_schedule(100);
  const Denoiser denoiser = [&](const at::Tensor& x, int64_t t) {
    const double abar = schedule.alpha_bar(t);
    const auto eps = at::full_like(x, 0.3 + 0.01 * static_cast<double>(t));
    return Prediction{(x - std::sqrt(1 - abar) * eps) / std::sqrt(abar), eps};
  };
  const auto images = normal_images(3, 5);
  for (const auto method : {InversionMethod::kPlain, InversionMethod::kRefined}) {
    SCOPED_TRACE(to_string(method));
    const RoundTrip trip =
        round_trip(denoiser, images, schedule, {.steps = 8, .method = method, .tolerance = 1e-9});
    EXPECT_TRUE(test::close(trip.image, images, 1e-9));
    // x_T = sqrt(abar_T) (x_0 + the sum of eps_t (sigma_t - sigma_s)), sigma = sqrt(1 / abar - 1).
    const auto sigma = [&](int64_t t) { return std::sqrt(1 / schedule.alpha_bar(t) - 1); };
    double noise = 0;
    for (const auto& [from, to] : sampling_steps(schedule, 8))
      noise += (0.3 + 0.01 * static_cast<double>(from)) * (sigma(from) - sigma(to));
    EXPECT_TRUE(test::close(trip.inversion.x_T, std::sqrt(schedule.alpha_bar(99)) * (images + noise), 1e-9));
    // The second look, at what the first one gave, finds nothing to mend.
    EXPECT_TRUE(
        (trip.inversion.evaluations == (method == InversionMethod::kPlain ? 8 : 16)).all().item<bool>());
  }
}

TEST(DdimInversion, RefinedComesBackToTheImageAsExactlyAsAskedFor) {
  const auto schedule = linear_schedule(1000);
  const TwoValues data;
  const auto x0 = data.images(20);
  for (const double tolerance : {1e-2, 1e-3, 1e-5}) {
    Counted counted;
    const auto trip = round_trip(counted.denoiser(data.denoiser(schedule)), x0, schedule,
                                 {.steps = 20, .tolerance = tolerance});
    EXPECT_LT(test::root_mean_square(trip.image - x0), 5 * tolerance) << tolerance;
    EXPECT_LT(trip.inversion.residual.max().item<double>(), tolerance) << tolerance;
    const int64_t most = trip.inversion.evaluations.max().item<int64_t>();
    EXPECT_LE(most + 20, counted.count());
    EXPECT_LE(most, 12 * 20);
  }
}

TEST(DdimInversion, RefinedTakesFewEvaluations) {
  const auto schedule = linear_schedule(1000);
  const TwoValues data;
  const InversionOptions options{.steps = 50, .tolerance = 1e-3};
  const auto inversion = invert_ddim(data.denoiser(schedule), data.images(20), schedule, options);
  EXPECT_LT(inversion.residual.max().item<double>(), 1e-3);
  EXPECT_LE(inversion.evaluations.max().item<int64_t>(), 3 * 50);
}

TEST(DdimInversion, TheResidualIsHowFarSamplingMisses) {
  const auto schedule = linear_schedule(1000);
  const TwoValues data;
  const auto x0 = data.images(3);
  const auto denoiser = data.denoiser(schedule);
  // A single step is a single equation: its residual is the error of the image that comes back from the state
  // that the network was last asked about, which a plain inversion starts from.
  const auto inversion = invert_ddim(denoiser, x0, schedule, {.steps = 1, .method = InversionMethod::kPlain});
  const auto back = denoiser(x0, 999).x0;
  const auto expected = (back - x0).square().mean({1, 2, 3}).sqrt();
  EXPECT_TRUE(test::close(inversion.residual, expected, 1e-9, 1e-9));
}

TEST(DdimInversion, OfAnImageDoesNotDependOnItsBatch) {
  const auto schedule = linear_schedule(1000);
  const TwoValues data;
  const auto x0 = data.images(6);
  const InversionOptions options{.steps = 10};
  const auto together = invert_ddim(data.denoiser(schedule), x0, schedule, options);
  for (int64_t i = 0; i < 6; ++i) {
    Counted counted;
    const auto alone =
        invert_ddim(counted.denoiser(data.denoiser(schedule)), x0.narrow(0, i, 1), schedule, options);
    EXPECT_TRUE(test::close(alone.x_T[0], together.x_T[i], 1e-12)) << i;
    EXPECT_EQ(together.evaluations[i].item<int64_t>(), counted.count());
    EXPECT_EQ(alone.evaluations[0].item<int64_t>(), counted.count());
  }
}

TEST(DdimInversion, WhereNothingConvergesKeepsTheBestStateAndSaysSo) {
  const auto schedule = linear_schedule(1000);
  // Whatever it is asked about, the network answers something unrelated.
  const Denoiser diverging = [](const at::Tensor& x, int64_t) {
    return Prediction{x, 100 * at::sin(1e6 * x)};
  };
  const auto x0 = normal_images(2, 1);
  const auto inversion = invert_ddim(diverging, x0, schedule, {.steps = 3});
  EXPECT_TRUE(inversion.x_T.isfinite().all().item<bool>());
  EXPECT_GT(inversion.residual.min().item<double>(), 1e-3);
  EXPECT_LE(inversion.evaluations.max().item<int64_t>(), 3 * 12);
}

TEST(DdimInversion, AfterTheReferenceEndsWithTheNoiseEstimateItself) {
  const auto schedule = linear_schedule(50);
  const test::Gaussian data;
  at::Tensor before_last, last;
  const auto inversion =
      invert_ddim(data.denoiser(schedule), normal_images(1, 1), schedule,
                  {.steps = 50, .method = InversionMethod::kReference}, [&](const SamplerState& step) {
                    before_last = last;
                    last = step.x;
                  });
  EXPECT_TRUE(test::close(inversion.x_T, data.predict(before_last, schedule.alpha_bar(49)).eps, 1e-12));
  EXPECT_EQ(inversion.evaluations.item<int64_t>(), 50);
}

TEST(DdimInversion, AfterTheReferenceNeedsAllSteps) {
  const auto schedule = linear_schedule(50);
  EXPECT_EQ(test::message_of([&] {
              invert_ddim(test::Gaussian{}.denoiser(schedule), normal_images(1, 1), schedule,
                          {.steps = 49, .method = InversionMethod::kReference});
            }),
            "inversion on the reference's timesteps: steps must be 50, all there are, got 49");
}

TEST(DdimInversion, IsNamed) {
  EXPECT_EQ(parse_enum<InversionMethod>("plain", "inversion"), InversionMethod::kPlain);
  EXPECT_EQ(test::message_of([] { parse_enum<InversionMethod>("exact", "inversion"); }),
            "inversion 'exact': expected refined, plain or reference");
}

TEST(RoundTrip, TheSameNoiseServesTheHigherOrderSolver) {
  // 20 DPM-Solver steps from the x_T of a fine inversion come nearer to the image than 20 DDIM steps.
  const auto schedule = linear_schedule(1000);
  const test::Gaussian data;
  const auto denoiser = data.denoiser(schedule);
  const auto x0 = data.mean + data.deviation * normal_images(100, 1);
  const auto x_T = invert_ddim(denoiser, x0, schedule, {.steps = 500, .tolerance = 1e-8}).x_T;
  const auto error = [&](const at::Tensor& image) { return test::root_mean_square(image - x0); };
  EXPECT_LT(error(sample(denoiser, x_T, schedule, {.sampler = Sampler::kDpmSolver, .steps = 20})),
            0.2 * error(sample(denoiser, x_T, schedule, {.steps = 20})));
}

}  // namespace
}  // namespace patronus
