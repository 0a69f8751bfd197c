#include "patronus/diffusion/objective.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <cmath>

#include "diffusion/gaussian.h"
#include "patronus/core/random.h"
#include "support/parity.h"

namespace patronus {
namespace {

class Objective : public testing::TestWithParam<PredictionKind> {};

TEST_P(Objective, APerfectAnswerGivesBackImageAndNoise) {
  const auto schedule = test::linear_schedule(100);
  const auto x0 = test::normal_images(4, 1), noise = test::normal_images(4, 2);
  for (const int64_t t : {0, 37, 99}) {
    const auto timesteps = at::full({4}, t, at::kLong);
    const auto noisy = noisy_images(x0, noise, timesteps, schedule, GetParam());
    const auto prediction = to_prediction(noisy.target, noisy.x_t, schedule.alpha_bar(t), GetParam());
    EXPECT_TRUE(test::close(prediction.x0, x0, 1e-10)) << "timestep " << t;
    EXPECT_TRUE(test::close(prediction.eps, noise, 1e-10)) << "timestep " << t;
  }
}

TEST_P(Objective, ImageAndNoiseEstimatesAlwaysAddUpToTheInput) {
  const auto x_t = test::normal_images(2, 1), output = test::normal_images(2, 2);
  const auto prediction = to_prediction(output, x_t, 0.3, GetParam());
  EXPECT_TRUE(test::close(std::sqrt(0.3) * prediction.x0 + std::sqrt(0.7) * prediction.eps, x_t, 1e-14));
}

INSTANTIATE_TEST_SUITE_P(BothKinds, Objective, testing::Values(PredictionKind::kNoise, PredictionKind::kV),
                         [](const auto& info) { return info.param == PredictionKind::kV ? "V" : "Noise"; });

TEST(NoisyImages, AreImagesAndNoiseMixedByLevelWithTheirTarget) {
  const NoiseSchedule schedule({.timesteps = 50});
  const auto noise = at::randn({2, 3, 8, 8}, make_generator(2)), images = noise.flip(3) / 3;
  const auto noisy =
      noisy_images(images, noise, at::tensor({0, 49}, at::kLong), schedule, PredictionKind::kV);
  for (const int64_t i : {0, 1}) {
    const double abar = schedule.alpha_bar(i == 0 ? 0 : 49), signal = std::sqrt(abar),
                 spread = std::sqrt(1 - abar);
    EXPECT_TRUE(test::close(noisy.x_t[i], signal * images[i] + spread * noise[i], 1e-6));
    EXPECT_TRUE(test::close(noisy.target[i], signal * noise[i] - spread * images[i], 1e-6));
  }
  const auto of_noise = noisy_images(images, noise, noisy.timesteps, schedule, PredictionKind::kNoise);
  EXPECT_TRUE(at::equal(of_noise.target, noise));
}

}  // namespace
}  // namespace patronus
