#include "patronus/analysis/conditioned_samples.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "patronus/analysis/disable_prototypes.h"
#include "patronus/analysis/unconditional_samples.h"
#include "patronus/core/pixels.h"
#include "patronus/interop/tensor_file.h"
#include "patronus/io/image.h"
#include "patronus/io/table.h"
#include "support/failure.h"
#include "support/parity.h"
#include "support/run_program.h"
#include "support/small_model.h"

namespace patronus {
namespace {

class ConditionedSample : public testing::Test {
 protected:
  ConditionedSample() { options.per_condition = 2; }

  at::Tensor drawn(const at::Tensor& activations) {
    options.sampling = trained.config.sampling;
    return sample_conditioned(trained, activations, options).images;
  }

  TrainedModel trained = test::small_model();
  ConditionedSamplesOptions options;
  at::Tensor same = at::ones({3, 6});  // vectors
};

TEST_F(ConditionedSample, BeginsWithNoiseOfItsOwn) {
  const auto images = drawn(same);
  EXPECT_FALSE(test::close(images[0], images[2], 0.1));
}

TEST_F(ConditionedSample, BeginsWithTheSameNoiseForEveryVectorWhereItIsFixed) {
  options.noise = NoiseChoice::kFixed;
  const auto images = drawn(same);
  EXPECT_TRUE(test::close(images.slice(0, 0, 2), images.slice(0, 2, 4), 1e-5));
  EXPECT_FALSE(test::close(images[0], images[1], 0.1)) << "of one vector they differ";
  const auto others = drawn(at::cat({same, 3 * same}));
  EXPECT_FALSE(test::close(others[0], others[6], 0.01)) << "vectors show";
  options.first = 1;
  EXPECT_TRUE(test::close(drawn(same), images, 1e-5)) << "drawn in parts";
}

TEST_F(ConditionedSample, HasTheActivationsThatItWasDrawnWithWherePrototypesAreDisabled) {
  const Dataset faces = open_dataset(trained.config.data, Split::kTrain);
  disable_prototypes(trained, faces, {4});
  options.sampling = trained.config.sampling;
  const auto samples = sample_conditioned(trained, same, options);
  const auto encoded = trained.model.encoder->forward(faces.slice(0, 1)).activation;
  for (int64_t k = 0; k < 6; ++k) {
    const auto expected = (k == 4 ? encoded : same)[0][k].expand(6);
    EXPECT_TRUE(at::equal(samples.activation.select(1, k), expected)) << k;
  }
}

TEST_F(ConditionedSample, IsTheSameUnderItsNumberInPartsAndInAnyBatch) {
  const auto vectors = at::arange(30, at::kFloat).view({5, 6}) / 10;
  const auto all = drawn(vectors);
  ASSERT_EQ(all.sizes(), (at::IntArrayRef{10, 3, 32, 32}));
  options.batch_size = 3;
  EXPECT_TRUE(test::close(drawn(vectors), all, 1e-4));
  options.first = 3;  // vectors, each of two images
  EXPECT_TRUE(test::close(drawn(vectors.slice(0, 3)), all.slice(0, 6), 1e-4));
}

TEST_F(ConditionedSample, RefusesStepsThatThereAreNotBeforeAnythingIsDrawn) {
  options.sampling.steps = 1001;
  EXPECT_EQ(test::message_of([&] { sample_conditioned(trained, same, options); }),
            "steps 1001: expected 1 to 1000 (diffusion.timesteps)");
}

TEST_F(ConditionedSample, IsWrittenUnderItsNumberBesideTheSourceOfItsVector) {
  const test::TemporaryFolder folder;
  options.first = 2;
  options.sampling.steps = 2;
  const auto samples = sample_conditioned(trained, same.slice(0, 0, 2), options);
  write_conditioned_samples(folder.path(), trained, samples, {{"one.png", "two.png"}});
  const Table table = read_csv(folder / "samples.csv");
  ASSERT_EQ(table.rows.size(), 4u);
  EXPECT_EQ(table.columns, (std::vector<std::string>{"image", "condition", "seed"}));
  EXPECT_EQ(table.rows[2],
            (std::vector<std::string>{"00006.png", "two.png", std::to_string(samples.seeds[2])}));
  EXPECT_TRUE(at::equal(read_image(folder / "images/00006.png"), to_pixels(samples.images[2])));
  EXPECT_FALSE(std::filesystem::exists(folder / "images/00003.png"));
  const Dict file = read_tensor_file(folder / "samples.pt");
  EXPECT_TRUE(at::equal(file.at("images").tensor(), samples.images));
  EXPECT_TRUE(at::equal(file.at("activation").tensor(), samples.activation));
}

TEST_F(ConditionedSample, IsShownBehindTheImageOfItsVector) {
  const test::TemporaryFolder folder;
  options.sampling.steps = 2;
  const auto samples = sample_conditioned(trained, same.slice(0, 0, 2), options);
  const auto red = at::tensor({1.0, -1.0, -1.0}, at::kFloat).view({1, 3, 1, 1}).expand({2, 3, 32, 32});
  const auto red_pixels = [&](const SampleSources& sources) {
    write_conditioned_samples(folder.path(), trained, samples, sources);
    const auto picture = read_image(folder / "samples.png");
    return (picture == at::tensor({255, 0, 0}, at::kByte).view({3, 1, 1})).all(0).sum().item<int64_t>();
  };
  EXPECT_EQ(red_pixels({{"one.png", "two.png"}}), 0);
  constexpr int64_t kEnlarged = 96 * 96;
  EXPECT_EQ(red_pixels({{"one.png", "two.png"}, red}), 2 * kEnlarged);
}

TEST_F(ConditionedSample, OfAModelWithoutConditionRefusesFixedNoise) {
  options.noise = NoiseChoice::kFixed;
  EXPECT_EQ(test::message_of([&] { sample_unconditional(trained, LatentRange{}, options); }),
            "fixed noise: without a condition all images would be the same; draw with random noise");
}

}  // namespace
}  // namespace patronus
