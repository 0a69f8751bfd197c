#include "patronus/figures/heat_map.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

namespace patronus {
namespace {

at::Tensor linear_light(const at::Tensor& pixels) {
  const auto c = pixels.to(at::kDouble) / 255;
  return at::where(c > 0.04045, ((c + 0.055) / 1.055).pow(2.4), c / 12.92);
}

/// sRGB [3, N] to CIELAB [3, N], from the definitions.
at::Tensor cielab(const at::Tensor& pixels) {
  const auto to_xyz =
      at::tensor({0.4124, 0.3576, 0.1805, 0.2126, 0.7152, 0.0722, 0.0193, 0.1192, 0.9505}, at::kDouble)
          .view({3, 3});
  const auto white = at::tensor({0.95047, 1.0, 1.08883}, at::kDouble).view({3, 1});
  const auto t = to_xyz.matmul(linear_light(pixels)) / white;
  const auto f = at::where(t > 216.0 / 24389, t.pow(1.0 / 3), t * (841.0 / 108) + 4.0 / 29);
  return at::stack({116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])});
}

TEST(HeatColors, EqualStepsLookEquallyLarge) {
  const auto lab = cielab(heat_colors(at::linspace(0, 1, 17).unsqueeze(0)).flatten(1));
  const auto lightness_steps = lab[0].diff();
  EXPECT_GT(lightness_steps.min().item<double>(), 4);
  EXPECT_LT(lightness_steps.max().item<double>(), 6);
  const auto steps = lab.diff(1, 1).square().sum(0).sqrt();
  EXPECT_LT(steps.max().item<double>() / steps.min().item<double>(), 1.1);
}

TEST(HeatColors, ValuesOutsideAreThoseOfTheEnds) {
  const auto colors = heat_colors(at::tensor({-1.0, 0.0, 1.0, 2.0}).unsqueeze(0));
  EXPECT_TRUE(at::equal(colors.select(2, 0), colors.select(2, 1)));
  EXPECT_TRUE(at::equal(colors.select(2, 2), colors.select(2, 3)));
  EXPECT_FALSE(at::equal(colors.select(2, 1), colors.select(2, 2)));
}

TEST(HeatMap, LetsTheEnlargedPictureShineThrough) {
  auto picture = at::zeros({3, 2, 2}, at::kByte);
  picture.select(1, 1).fill_(255);
  const auto map = draw_heat_map(at::full({6, 6}, 0.5), picture).to(at::kInt);
  ASSERT_EQ(map.sizes(), (at::IntArrayRef{3, 6, 6}));
  EXPECT_NEAR((map.slice(1, 3) - map.slice(1, 0, 3)).to(at::kFloat).mean().item<double>(), 0.3 * 255, 0.6);
  EXPECT_TRUE(at::equal(map.slice(1, 0, 3), map.slice(1, 0, 1).slice(2, 0, 1).expand({3, 3, 6})));
}

TEST(HeatMap, AGrayPictureIsTheSameAsAColouredOneWithEqualChannels) {
  const auto gray = at::arange(16, at::kByte).view({1, 4, 4}) * 16;
  const auto values = at::linspace(0, 1, 16).view({4, 4});
  EXPECT_TRUE(at::equal(draw_heat_map(values, gray), draw_heat_map(values, gray.expand({3, 4, 4}))));
}

}  // namespace
}  // namespace patronus
