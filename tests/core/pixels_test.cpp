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

}  // namespace
}  // namespace patronus
