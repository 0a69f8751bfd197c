#include "patronus/evaluation/image_features.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "patronus/core/random.h"
#include "patronus/interop/tensor_file.h"
#include "patronus/models/inception.h"
#include "patronus/run/checkpoint.h"
#include "support/failure.h"
#include "support/parity.h"
#include "support/run_program.h"
#include "support/small_model.h"

namespace patronus {
namespace {

using test::TemporaryFolder;

at::Tensor some_pictures(int64_t channels, int64_t size) {
  return at::randint(0, 256, {3, channels, size, size}, make_generator(1), at::kByte);
}

TEST(RandomFeatures, AreTheSameEveryTimeAndNotFid) {
  const auto pictures = some_pictures(3, 32);
  const ImageFeatures first = image_features("random", {}, at::kCPU);
  at::rand({5});
  const ImageFeatures second = image_features("random", {}, at::kCPU);
  EXPECT_TRUE(at::equal(first.extract(pictures), second.extract(pictures)));
  EXPECT_EQ(first.extract(pictures).sizes(), (at::IntArrayRef{3, first.dimensions}));
  EXPECT_FALSE(first.is_fid);
  EXPECT_EQ(test::message_of([] { image_features("random", 64, at::kCPU); }),
            "features 'random': have 128 dimensions; only Inception's can be chosen");
}

TEST(RandomFeatures, TakeGrayPicturesAsGrayRgb) {
  const ImageFeatures features = image_features("random", {}, at::kCPU);
  const auto gray = some_pictures(1, 40);
  EXPECT_TRUE(test::close(features.extract(gray), features.extract(gray.expand({-1, 3, -1, -1})), 1e-6));
}

TEST(EncoderFeatures, AreTheMeanFeatureMapOfACheckpointsEncoder) {
  const TemporaryFolder folder;
  TrainedModel trained = test::small_model();
  Checkpoint checkpoint;
  checkpoint.step = 3;
  checkpoint.config = trained.config;
  checkpoint.model = trained.model.state();
  write_checkpoint(folder / "model.pt", checkpoint);
  const std::string specification = "encoder:" + (folder / "model.pt").string();
  const ImageFeatures features = image_features(specification, {}, at::kCPU);
  const auto pictures = some_pictures(3, 32);
  const auto images = pictures.to(at::kFloat).div(255).mul(2).sub(1);
  const auto expected = trained.model.encoder->features(images).mean({2, 3});
  EXPECT_TRUE(test::close(features.extract(pictures), expected, 1e-5));
  EXPECT_NE(features.protocol.find("raw weights of step 3"), std::string::npos) << features.protocol;
  EXPECT_FALSE(features.is_fid);
  std::filesystem::create_directory(folder / "checkpoints");
  std::filesystem::copy(folder / "model.pt", folder / "checkpoints/step-3.pt");
  const ImageFeatures of_run = image_features("encoder:" + folder.path().string(), {}, at::kCPU);
  EXPECT_TRUE(at::equal(of_run.extract(pictures), features.extract(pictures)));
  const auto large = pictures.repeat_interleave(2, 2).repeat_interleave(2, 3);
  EXPECT_TRUE(test::close(features.extract(large), expected, 0.1)) << "resized to the encoder's size";
}

TEST(InceptionFeatures, AreFidWith2048DimensionsOnly) {
  const TemporaryFolder folder;
  const auto path = (folder / "weights.pth").string();
  write_tensor_file(path, to_dict(module_state(*Inception())));
  const auto pictures = some_pictures(3, 8);
  const ImageFeatures small = image_features("inception:" + path, 64, at::kCPU);
  EXPECT_EQ(small.extract(pictures).sizes(), (at::IntArrayRef{3, 64}));
  EXPECT_FALSE(small.is_fid);
  EXPECT_TRUE(image_features(path, 2048, at::kCPU).is_fid) << "a .pth file is Inception's weights";
  EXPECT_EQ(test::message_of([&] { image_features(path, 100, at::kCPU); }),
            "dimensions 100: expected 64, 192, 768 or 2048");
}

TEST(ImageFeatures, OfUnknownKindAreRefused) {
  EXPECT_EQ(
      test::message_of([] { image_features("clip", {}, at::kCPU); }),
      "features 'clip': expected inception:FILE (weights of pytorch-fid's network), encoder:CHECKPOINT or "
      "random");
  EXPECT_EQ(test::message_of([] { image_features("inception:nowhere.pth", 2048, at::kCPU); }).substr(0, 13),
            "nowhere.pth: ");
}

}  // namespace
}  // namespace patronus
