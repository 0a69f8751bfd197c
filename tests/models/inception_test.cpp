#include "patronus/models/inception.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "patronus/core/pixels.h"
#include "patronus/core/random.h"
#include "support/failure.h"
#include "support/parity.h"

namespace patronus {
namespace {

/// Weights by formula in the first part, NaN behind it.
Inception with_first_part() {
  Inception inception;
  for (const auto& [name, tensor] : module_state(*inception)) {
    if (!tensor.is_floating_point()) continue;
    const bool first = name.starts_with("Conv2d_1a") || name.starts_with("Conv2d_2");
    first ? tensor.copy_(test::formula_tensor(name, tensor.sizes(), 3, 1.0)) : tensor.fill_(NAN);
  }
  return inception;
}

at::Tensor some_pixels(int64_t channels) {
  return at::randint(0, 256, {2, channels, 16, 16}, make_generator(1), at::kByte);
}

TEST(Inception, ItsFirstPartIsConvolutionsWithBatchNormAndAPool) {
  auto inception = with_first_part();
  const auto state = module_state(*inception);
  const std::map<std::string, at::Tensor> weights(state.begin(), state.end());
  auto x = 2 * at::upsample_bilinear2d(some_pixels(3).to(at::kFloat) / 255, {299, 299}, false) - 1;
  const auto apply = [&](const std::string& name, int64_t stride, int64_t padding) {
    const auto tensor = [&](const char* leaf) { return weights.at(name + leaf); };
    x = at::conv2d(x, tensor(".conv.weight"), {}, stride, padding);
    x = at::batch_norm(x, tensor(".bn.weight"), tensor(".bn.bias"), tensor(".bn.running_mean"),
                       tensor(".bn.running_var"), /*training=*/false, 0, 1e-3, false);
    x = at::relu(x);
  };
  apply("Conv2d_1a_3x3", 2, 0);
  apply("Conv2d_2a_3x3", 1, 0);
  apply("Conv2d_2b_3x3", 1, 1);
  EXPECT_TRUE(test::close(inception->feature_map(some_pixels(3), 64), at::max_pool2d(x, 3, 2), 1e-5));
}

TEST(Inception, FeaturesAreMeansOverTheImageAndLaterPartsAreNotComputed) {
  auto inception = with_first_part();
  const auto features = inception(some_pixels(3), 64);
  ASSERT_EQ(features.sizes(), (at::IntArrayRef{2, 64}));
  EXPECT_TRUE(test::close(features, inception->feature_map(some_pixels(3), 64).mean({2, 3}), 1e-6));
  EXPECT_TRUE(inception(some_pixels(3), 192).isnan().all().item<bool>());
  EXPECT_THROW(inception(some_pixels(3), 100), c10::Error);
}

TEST(Inception, GrayImagesCountAsThreeEqualColours) {
  auto inception = with_first_part();
  const auto gray = some_pixels(1);
  EXPECT_TRUE(test::close(inception(gray, 64), inception(gray.expand({-1, 3, -1, -1}), 64), 1e-6));
  EXPECT_THROW(inception(gray.expand({-1, 2, -1, -1}), 64), c10::Error);
}

TEST(Inception, SeesImagesRoundedTo8BitsAsTheirFilesHoldThem) {
  auto inception = with_first_part();
  const auto images = at::rand({2, 3, 16, 16}, make_generator(2)) * 2.2 - 1.1;
  EXPECT_TRUE(at::equal(inception(images, 64), inception(to_pixels(images), 64)));
  EXPECT_TRUE(
      at::equal(inception(some_pixels(3).to(at::kDouble) / 127.5 - 1, 64), inception(some_pixels(3), 64)));
}

TEST(Inception, LoadsStateDictsWithAndWithoutCountsOfBatches) {
  Inception inception;
  NamedTensors values;
  for (const auto& [name, tensor] : module_state(*with_first_part())) {
    if (tensor.is_floating_point()) values.emplace_back(name, tensor);
  }
  ASSERT_EQ(values.size(), 472u);
  inception->load_state(values);
  EXPECT_TRUE(at::equal(inception(some_pixels(3), 64), with_first_part()(some_pixels(3), 64)));
  values.emplace_back("Conv2d_1a_3x3.bn.num_batches_tracked", at::zeros({}, at::kLong));
  EXPECT_EQ(test::message_of([&] { inception->load_state(values); }), "no error");
}

TEST(Inception, RefusesTheWeightsOfAnotherNetwork) {
  Inception inception;
  auto values = module_state(*inception);
  values.emplace_back("AuxLogits.fc.weight", at::zeros({2}));
  std::erase_if(values, [](const auto& entry) { return entry.first.starts_with("Mixed_5b.branch1x1"); });
  EXPECT_EQ(test::message_of([&] { inception->load_state(values); }),
            "the weights are of another model: 5 tensors are missing (Mixed_5b.branch1x1.conv.weight, "
            "Mixed_5b.branch1x1.bn.weight, Mixed_5b.branch1x1.bn.bias, ...) and 1 tensor is unknown "
            "(AuxLogits.fc.weight); expected those of pytorch-fid's Inception");
}

}  // namespace
}  // namespace patronus
