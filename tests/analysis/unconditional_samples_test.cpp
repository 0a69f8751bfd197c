#include "patronus/analysis/unconditional_samples.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "support/failure.h"
#include "support/parity.h"
#include "support/small_model.h"

namespace patronus {
namespace {

class UnconditionalSample : public testing::Test {
 protected:
  UnconditionalSample() {
    latent.prior.unet->eval();
    options.sampling.steps = 2;
    options.per_condition = 2;
  }

  TrainedModel trained = test::small_model();
  LatentModel latent{"latent.pt",
                     5,
                     {.sampler = Sampler::kDdim, .steps = 2},
                     {UNet1d(trained.config.latent.unet, trained.config.latent.diffusion.timesteps),
                      {.mean = at::full({6}, 3.0f), .deviation = at::full({6}, 0.5f)},
                      NoiseSchedule(trained.config.latent.diffusion),
                      trained.config.latent.diffusion.prediction}};
  ConditionedSamplesOptions options;
};

TEST_F(UnconditionalSample, VectorsAreTheSameUnderTheirNumberHoweverManyAreDrawn) {
  // More than are drawn at once.
  const auto all = sample_activations(trained, latent, {.first = 0, .count = 260});
  ASSERT_EQ(all.sizes(), (at::IntArrayRef{260, 6}));
  EXPECT_EQ(all.scalar_type(), at::kFloat);
  const auto part = sample_activations(trained, latent, {.first = 250, .count = 8});
  EXPECT_TRUE(test::close(part, all.slice(0, 250, 258), 1e-4, 1e-5));
  EXPECT_GT((all.slice(0, 1) - all.slice(0, 0, 259)).abs().amax(1).min().item<double>(), 1e-3)
      << "and no two alike";
  trained.config.seed += 1;
  EXPECT_FALSE(test::close(sample_activations(trained, latent, {.first = 250, .count = 8}), part, 1e-3));
}

TEST_F(UnconditionalSample, ImagesAreNumberedThroughTheirVectors) {
  const auto all = sample_unconditional(trained, latent, {.first = 0, .count = 4}, options);
  ASSERT_EQ(all.images.sizes(), (at::IntArrayRef{8, 3, 32, 32}));
  options.first = 77;  // is not used
  const auto part = sample_unconditional(trained, latent, {.first = 2, .count = 2}, options);
  EXPECT_EQ(part.first, 4);
  EXPECT_TRUE(test::close(part.images, all.images.slice(0, 4), 1e-4));
  EXPECT_TRUE(test::close(part.activation, all.activation.slice(0, 4), 1e-4, 1e-5));
  EXPECT_TRUE(at::equal(all.activation[0], all.activation[1])) << "two images of one vector";
  EXPECT_FALSE(test::close(all.images[0], all.images[1], 0.1)) << "from noise of their own";
  EXPECT_EQ(part.seeds, (std::vector<uint64_t>{all.seeds.begin() + 4, all.seeds.end()}));
}

TEST_F(UnconditionalSample, OfAModelWithoutConditionNeedsNoVectors) {
  RunConfig config = trained.config;
  config.model.unet.condition = ConditionKind::kOff;
  TrainedModel twin = test::small_model(config);
  options.per_condition = 1;
  const auto all = sample_unconditional(twin, LatentRange{.first = 0, .count = 3}, options);
  EXPECT_EQ(all.activation.sizes(), (at::IntArrayRef{3, 0}));
  const auto last = sample_unconditional(twin, LatentRange{.first = 2, .count = 1}, options);
  EXPECT_TRUE(test::close(last.images[0], all.images[2], 1e-4));
}

TEST_F(UnconditionalSample, NumbersThatThereAreNoneOfAreRefused) {
  EXPECT_EQ(test::message_of([&] { sample_activations(trained, latent, {.first = -1, .count = 2}); }),
            "first -1, count 2: expected at least 0 and at least 1");
  EXPECT_EQ(
      test::message_of([&] { sample_unconditional(trained, latent, {.first = 0, .count = 0}, options); }),
      "first 0, count 0: expected at least 0 and at least 1");
}

}  // namespace
}  // namespace patronus
