#include "patronus/analysis/attribute_judge.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>

namespace patronus {
namespace {

/// Tells the largest pixel, and half of it.
AttributeJudge largest_pixel() {
  return {.names = {"all", "half"}, .accuracy = {}, .judge = [](const at::Tensor& images) {
            const auto largest = images.amax({1, 2, 3});
            return at::stack({largest, largest / 2}, 1);
          }};
}

TEST(AttributeJudge, SeesImagesWithoutTheirOvershoot) {
  const auto images = at::tensor({-3.0f, 0.25f, 7.0f}).view({3, 1, 1, 1});
  const auto before = images.clone();
  const auto probabilities = largest_pixel().probabilities(images);
  EXPECT_EQ(probabilities.scalar_type(), at::kDouble);
  EXPECT_TRUE(
      at::equal(probabilities, at::tensor({-1., -0.5, 0.25, 0.125, 1., 0.5}, at::kDouble).view({3, 2})));
  EXPECT_TRUE(at::equal(images, before));
}

TEST(AttributeJudge, AnAttributeIsThereWhereItIsLikelierThanNot) {
  const auto images = at::tensor({0.5f, 0.51f, 1.0f}).view({3, 1, 1, 1});
  const auto expected = at::tensor({0, 0, 1, 0, 1, 0}).view({3, 2}).to(at::kBool);
  EXPECT_TRUE(at::equal(largest_pixel().predict_attributes(images), expected)) << "one half is not likely";
}

TEST(IsBelieved, FromEightyPercentOnAndNotWhereNothingIsKnown) {
  const auto reliable = is_reliable(at::tensor({0.8, 0.79999, 1., std::nan("")}, at::kDouble));
  EXPECT_TRUE(at::equal(reliable, at::tensor({1, 0, 1, 0}).to(at::kBool)));
}

}  // namespace
}  // namespace patronus
