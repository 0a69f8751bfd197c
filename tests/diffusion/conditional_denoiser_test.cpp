#include "patronus/diffusion/conditional_denoiser.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "diffusion/gaussian.h"
#include "patronus/diffusion/objective.h"
#include "support/on_device.h"
#include "support/parity.h"

namespace patronus {
namespace {

UNet tiny_unet() {
  seed_default_generators(4);
  UNet unet(
      UNetShape{
          .image_channels = 1, .image_size = 8, .prototypes = 5, .standardize = false, .zero_output = false},
      UNetConfig{.base_channels = 8, .multipliers = {1, 2}, .residual_blocks = 1});
  unet->eval();
  return unet;
}

struct NetworkInput {
  NoiseSchedule schedule = test::linear_schedule(100);
  at::Tensor x_t = at::randn({3, 1, 8, 8}, make_generator(1));
  at::Tensor activations = at::rand({3, 5}, make_generator(2)) * 9;
};

TEST(ConditionalDenoiser, AsksTheNetworkAtTheLevelWithItsActivations) {
  const NetworkInput input;
  auto unet = tiny_unet();
  const c10::NoGradGuard no_grad;
  for (const auto kind : {PredictionKind::kNoise, PredictionKind::kV}) {
    const auto output = unet->forward(input.x_t, at::full({3}, 40, at::kLong), input.activations);
    const auto expected = to_prediction(output, input.x_t, input.schedule.alpha_bar(40), kind);
    const auto model = conditional_denoiser(unet, input.schedule, kind);
    const auto prediction = model(input.activations, Precision::kFloat32)(input.x_t, 40);
    EXPECT_TRUE(test::close(prediction.x0, expected.x0, 1e-5));
    EXPECT_TRUE(test::close(prediction.eps, expected.eps, 1e-5));
  }
}

TEST(ConditionalDenoiser, PredictsInFloat32WithoutGradients) {
  const NetworkInput input;
  const auto model = conditional_denoiser(tiny_unet(), input.schedule, PredictionKind::kNoise);
  for (const auto precision : {Precision::kFloat32, Precision::kBfloat16}) {
    const auto prediction = model(input.activations, precision)(input.x_t.to(at::kDouble), 40);
    EXPECT_EQ(prediction.x0.scalar_type(), at::kFloat);
    EXPECT_EQ(prediction.eps.scalar_type(), at::kFloat);
    EXPECT_FALSE(prediction.eps.requires_grad());
  }
}

TEST(ConditionalDenoiser, InBfloat16ComesCloseToFloat32ButIsNotTheSame) {
  const NetworkInput input;
  const auto model = conditional_denoiser(tiny_unet(), input.schedule, PredictionKind::kNoise);
  const auto exact = model(input.activations, Precision::kFloat32)(input.x_t, 40).eps;
  const auto fast = model(input.activations, Precision::kBfloat16)(input.x_t, 40).eps;
  EXPECT_TRUE(test::close(fast, exact, 0.05 * exact.abs().max().item<double>()));
  EXPECT_FALSE(at::equal(fast, exact));
}

TEST(ConditionalDenoiser, RefusesANetworkThatIsTraining) {
  auto unet = tiny_unet();
  unet->train();
  EXPECT_THROW(conditional_denoiser(unet, test::linear_schedule(100), PredictionKind::kNoise), c10::Error);
}

class ConditionalDenoiserOn : public test::OnDevice {};
PATRONUS_ON_DEVICES(ConditionalDenoiserOn);

/// On a GPU evaluations are recorded: what changes between them must not be what was recorded.
TEST_P(ConditionalDenoiserOn, FollowsImagesTimestepsActivationsAndBatches) {
  const c10::NoGradGuard no_grad;
  const auto schedule = test::linear_schedule(100);
  auto unet = tiny_unet();
  unet->to(device());
  const auto model = conditional_denoiser(unet, schedule, PredictionKind::kNoise);
  uint64_t seed = 1;
  const auto check = [&](int64_t batch, int64_t t) {
    const auto x_t = at::randn({batch, 1, 8, 8}, make_generator(++seed)).to(device());
    const auto activations = (at::rand({batch, 5}, make_generator(++seed)) * 9).to(device());
    const auto expected = unet->forward(x_t, at::full({batch}, t, at::kLong).to(device()), activations);
    EXPECT_TRUE(test::close(model(activations, Precision::kFloat32)(x_t, t).eps, expected, 2e-5))
        << "evaluation " << seed / 2 << ", batch " << batch << ", t = " << t;
  };
  for (const int64_t batch : {3, 3, 3, 3, 3, 2, 2, 2, 2, 3}) {
    for (const int64_t t : {90, 40}) check(batch, t);
  }
}

TEST(GuidedDenoiser, GoesAlongTheEditAsFarAsItsStrengthSays) {
  const NetworkInput input;
  const auto model = conditional_denoiser(tiny_unet(), input.schedule, PredictionKind::kNoise);
  const auto from = input.activations, to = input.activations * 0.5;
  const auto eps_under = [&](const at::Tensor& activations) {
    return model(activations, Precision::kFloat32)(input.x_t, 40).eps;
  };
  const auto a = eps_under(from), b = eps_under(to);
  EXPECT_GT((a - b).abs().max().item<double>(), 1e-3);
  for (const double strength : {0.0, 1.0, 2.5}) {
    const auto each = at::full({input.x_t.size(0)}, strength);
    const auto guided = guided_denoiser(model, from, to, each, Precision::kFloat32)(input.x_t, 40);
    EXPECT_TRUE(test::close(guided.eps, a + strength * (b - a), 1e-5));
    const auto consistent =
        to_prediction(guided.eps, input.x_t, input.schedule.alpha_bar(40), PredictionKind::kNoise);
    EXPECT_TRUE(test::close(guided.x0, consistent.x0, 1e-4)) << "strength " << strength;
  }
}

}  // namespace
}  // namespace patronus
