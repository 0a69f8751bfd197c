#include "patronus/core/pixels.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

namespace patronus {
namespace {

TEST(ToPixels, ClampsAndRounds) {
  const auto images = at::tensor({-3.0, -1.0, -0.996, 0.0, 0.004, 1.0, 1.5});
  EXPECT_TRUE(at::equal(to_pixels(images), at::tensor({0, 0, 1, 128, 128, 255, 255}, at::kByte)));
  // Every 8-bit value survives the way to [-1, 1] and back.
  const auto all = at::arange(256, at::kFloat);
  EXPECT_TRUE(at::equal(to_pixels(all / 127.5 - 1), all.to(at::kByte)));
}

TEST(GrayFromRgb, WeighsColoursAsTheEyeDoesAndRounds) {
  const auto rgb = at::tensor({255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255}, at::kByte).view({2, 2, 3});
  // 0.299, 0.587 and 0.114 of 255.
  EXPECT_TRUE(at::equal(gray_from_rgb(rgb), at::tensor({76, 150, 29, 255}, at::kByte).view({1, 2, 2})));
}

TEST(IsGray, WhereEveryPixelHasEqualChannels) {
  const auto one = at::arange(6, at::kByte).view({1, 2, 3});
  EXPECT_TRUE(is_gray(one));
  auto three = one.repeat({3, 1, 1});
  EXPECT_TRUE(is_gray(three));
  for (const int64_t channel : {0, 1, 2}) {
    auto coloured = three.clone();
    coloured[channel][1][2] += 1;
    EXPECT_FALSE(is_gray(coloured)) << channel;
  }
}

}  // namespace
}  // namespace patronus
