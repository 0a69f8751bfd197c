#include "patronus/diffusion/reconstruct.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "diffusion/gaussian.h"
#include "patronus/diffusion/samplers.h"
#include "support/parity.h"

namespace patronus {
namespace {

/// Images are Gaussian around the (only) activation of each.
ConditionalDenoiser gaussian_of_activation(const Schedule& schedule) {
  return [schedule](const at::Tensor& activations, Precision) -> Denoiser {
    const auto mean = activations.view({-1, 1, 1, 1});
    return [schedule, mean](const at::Tensor& x_t, int64_t t) {
      const double abar = schedule.alpha_bar(t);
      const auto prediction = test::Gaussian{.mean = 0}.predict(x_t - std::sqrt(abar) * mean, abar);
      return Prediction{prediction.x0 + mean, prediction.eps};
    };
  };
}

struct Example {
  Schedule schedule = test::linear_schedule(1000);
  ConditionalDenoiser model = gaussian_of_activation(schedule);
  at::Tensor activations = at::tensor({-0.5, 0.0, 0.5}, at::kDouble).view({3, 1});
  at::Tensor images = activations.view({3, 1, 1, 1}) + 0.5 * test::normal_images(3, 1);
  std::vector<uint64_t> seeds = image_seeds(3, "noise", 0, 3);
};

TEST(Reconstruct, ReturnsTheImagesFromTheirOwnNoise) {
  const Example example;
  const auto result =
      reconstruct(example.model, example.images, example.activations, example.schedule, {.steps = 500});
  EXPECT_TRUE(test::close(result.image, example.images, 0.02));
  EXPECT_EQ(result.x_T.sizes(), example.images.sizes());
  EXPECT_EQ(result.variations.sizes(), at::IntArrayRef({3, 0, 1, 2, 2}));
}

TEST(Reconstruct, VariesImagesAroundWhatTheirActivationsSay) {
  const Example example;
  const auto result = reconstruct(example.model, example.images, example.activations, example.schedule,
                                  {.steps = 50, .variations = 200, .seeds = example.seeds});
  ASSERT_EQ(result.variations.sizes(), at::IntArrayRef({3, 200, 1, 2, 2}));
  EXPECT_TRUE(test::close(result.variations.mean({1, 2, 3, 4}), example.activations.view({3}), 0.1));
  EXPECT_GT(result.variations.std(1).min().item<double>(), 0.3);
}

TEST(Reconstruct, DoesNotDependOnTheBatch) {
  const Example example;
  const auto together = reconstruct(example.model, example.images, example.activations, example.schedule,
                                    {.steps = 10, .variations = 2, .seeds = example.seeds});
  const auto alone =
      reconstruct(example.model, example.images.narrow(0, 1, 1), example.activations.narrow(0, 1, 1),
                  example.schedule, {.steps = 10, .variations = 2, .seeds = {example.seeds[1]}});
  EXPECT_TRUE(test::close(alone.image[0], together.image[1], 1e-12));
  EXPECT_TRUE(test::close(alone.variations[0], together.variations[1], 1e-12));
}

TEST(Reconstruct, TheRoundTripIsInFloat32AndVariationsInThePrecisionAskedFor) {
  const Example example;
  std::vector<Precision> evaluations;
  const ConditionalDenoiser recorded = [&](const at::Tensor& activations, Precision precision) -> Denoiser {
    return [&evaluations, precision, inner = example.model(activations, precision)](const at::Tensor& x,
                                                                                    int64_t t) {
      evaluations.push_back(precision);
      return inner(x, t);
    };
  };
  reconstruct(recorded, example.images, example.activations, example.schedule,
              {.steps = 3, .variations = 1, .seeds = example.seeds, .precision = Precision::kBfloat16});
  const auto exact = Precision::kFloat32, fast = Precision::kBfloat16;
  EXPECT_EQ(evaluations, (std::vector<Precision>{exact, exact, exact, exact, exact, exact, fast, fast, fast}));
}

}  // namespace
}  // namespace patronus
