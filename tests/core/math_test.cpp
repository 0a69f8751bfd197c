#include "patronus/core/math.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <cmath>

#include "patronus/core/random.h"
#include "support/parity.h"

namespace patronus {
namespace {

at::Tensor row(std::vector<double> values) {
  return at::tensor(values, at::kDouble).unsqueeze(0);
}

at::Tensor random_images(uint64_t seed, at::IntArrayRef shape) {
  return at::rand(shape, make_generator(seed), at::kDouble) * 2 - 1;
}

/// The formula of one window, summed by hand.
double similarity_of_one_window(const at::Tensor& image_a, const at::Tensor& image_b) {
  const auto a = image_a.accessor<double, 2>(), b = image_b.accessor<double, 2>();
  double total = 0, mean_a = 0, mean_b = 0, aa = 0, bb = 0, ab = 0;
  for (int i = 0; i < 11; ++i) {
    for (int j = 0; j < 11; ++j) {
      const double weight = std::exp(-((i - 5) * (i - 5) + (j - 5) * (j - 5)) / 4.5);
      total += weight;
      mean_a += weight * a[i][j];
      mean_b += weight * b[i][j];
      aa += weight * a[i][j] * a[i][j];
      bb += weight * b[i][j] * b[i][j];
      ab += weight * a[i][j] * b[i][j];
    }
  }
  mean_a /= total, mean_b /= total, aa /= total, bb /= total, ab /= total;
  const double var_a = aa - mean_a * mean_a, var_b = bb - mean_b * mean_b, covariance = ab - mean_a * mean_b;
  return (2 * mean_a * mean_b + 4e-4) * (2 * covariance + 3.6e-3) /
         ((mean_a * mean_a + mean_b * mean_b + 4e-4) * (var_a + var_b + 3.6e-3));
}

TEST(Slerp, FollowsTheGreatCircleBetweenRightAngles) {
  const auto middle = slerp(row({1, 0, 2, 0}), row({0, 1, 0, 3}), 0.5);
  EXPECT_TRUE(test::close(middle, row({0.7071, 0.7071, 1.4142, 2.1213}), 1e-4));
}

TEST(Slerp, TakesTheAngleFromNormalisedRowsOnly) {
  const auto middle = slerp(row({1, 0, 2, 0}), row({1, 1, 1, 1}), 0.5);
  EXPECT_TRUE(test::close(middle, row({1.0941, 0.5470, 1.6411, 0.5470}), 1e-4));
}

TEST(Slerp, StartsAndEndsAtItsArguments) {
  const auto a = random_images(1, {3, 2, 4, 4}), b = random_images(2, {3, 2, 4, 4});
  EXPECT_TRUE(test::close(slerp(a, b, 0), a, 1e-12));
  EXPECT_TRUE(test::close(slerp(a, b, 1), b, 1e-12));
}

TEST(Slerp, TreatsEveryRowOnItsOwn) {
  const auto a = random_images(1, {3, 5}), b = random_images(2, {3, 5});
  const auto together = slerp(a, b, 0.3);
  for (int64_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(
        test::close(together.narrow(0, i, 1), slerp(a.narrow(0, i, 1), b.narrow(0, i, 1), 0.3), 1e-14));
  }
}

TEST(Slerp, KeepsTheLengthBetweenRowsOfEqualLength) {
  const auto a = row({3, 4, 0}), b = row({0, 3, 4});
  for (const double weight : {0.1, 0.5, 0.8})
    EXPECT_NEAR(slerp(a, b, weight).norm().item<double>(), 5, 1e-12);
}

TEST(Slerp, IsLinearWhereTheAngleIsZeroOrPi) {
  const auto a = row({1, 2, 3});
  EXPECT_TRUE(test::close(slerp(a, 2 * a, 0.25), 1.25 * a, 1e-12));
  EXPECT_TRUE(test::close(slerp(a, -a, 0.25), 0.5 * a, 1e-12));
  EXPECT_TRUE(test::close(slerp(a, a + 1e-9, 0.5), a, 1e-8));
}

TEST(Slerp, OfAZeroRowIsLinearAndFinite) {
  EXPECT_TRUE(test::close(slerp(row({0, 0}), row({2, 4}), 0.25), row({0.5, 1}), 1e-12));
}

TEST(Slerp, KeepsTheDtype) {
  EXPECT_EQ(slerp(row({1, 0}).to(at::kFloat), row({0, 1}).to(at::kFloat), 0.5).scalar_type(), at::kFloat);
}

TEST(ToPixels, ClampsAndRounds) {
  const auto images = at::tensor({-3.0, -1.0, -0.996, 0.0, 0.004, 1.0, 1.5});
  EXPECT_TRUE(at::equal(to_pixels(images), at::tensor({0, 0, 1, 128, 128, 255, 255}, at::kByte)));
  // Every 8-bit value survives the way to [-1, 1] and back.
  const auto all = at::arange(256, at::kFloat);
  EXPECT_TRUE(at::equal(to_pixels(all / 127.5 - 1), all.to(at::kByte)));
}

TEST(Mse, IsTheMeanSquareOfEveryImage) {
  const auto a = at::zeros({2, 1, 2, 2});
  auto b = a.clone();
  b[1][0][0][0] = 2;
  EXPECT_TRUE(test::close(mse(a, b), at::tensor({0.0, 1.0}), 0));
}

TEST(Psnr, CountsFromADataRangeOfTwo) {
  const auto a = at::zeros({1, 3, 4, 4}, at::kDouble);
  EXPECT_NEAR(psnr(a, a + 0.2).item<double>(), 20, 1e-9);
  EXPECT_EQ(psnr(a, a).item<double>(), INFINITY);
}

TEST(Ssim, IsOneForEqualImages) {
  const auto images = random_images(1, {2, 3, 16, 20});
  EXPECT_TRUE(test::close(ssim(images, images), at::ones({2}, at::kDouble), 1e-12));
}

TEST(Ssim, OfOneWindowEqualsTheFormula) {
  const auto a = random_images(1, {1, 1, 11, 11});
  const auto b = 0.7 * a + 0.3 * random_images(2, {1, 1, 11, 11});
  EXPECT_NEAR(ssim(a, b).item<double>(), similarity_of_one_window(a[0][0], b[0][0]), 1e-12);
}

TEST(Ssim, AveragesOverWindowsAndChannels) {
  const auto a = random_images(1, {1, 2, 12, 13});
  const auto b = 0.7 * a + 0.3 * random_images(2, {1, 2, 12, 13});
  double sum = 0;
  for (int64_t channel = 0; channel < 2; ++channel) {
    for (int64_t i = 0; i < 2; ++i) {
      for (int64_t j = 0; j < 3; ++j) {
        const auto window = [&](const at::Tensor& x) {
          return x[0][channel].narrow(0, i, 11).narrow(1, j, 11);
        };
        sum += similarity_of_one_window(window(a), window(b));
      }
    }
  }
  EXPECT_NEAR(ssim(a, b).item<double>(), sum / 12, 1e-12);
}

TEST(Ssim, IsMinusOneForTheNegativeOfAPatternWithoutMean) {
  const auto line = at::cos(at::arange(12, at::kDouble) * M_PI);
  const auto board = at::outer(line, line).view({1, 1, 12, 12});
  EXPECT_NEAR(ssim(board, -board).item<double>(), -1, 0.01);
}

TEST(EffectiveRank, CountsEqualDirectionsAndNoOthers) {
  EXPECT_NEAR(effective_rank(at::eye(5)), 5, 1e-9);
  EXPECT_NEAR(effective_rank(at::diag(at::tensor({1.0, 1.0, 0.0}))), 2, 1e-9);
  EXPECT_NEAR(effective_rank(at::ones({4, 7})), 1, 1e-6);
  EXPECT_EQ(effective_rank(at::zeros({3, 3})), 0);
  // Shares 3/4 and 1/4 of the singular values' sum.
  EXPECT_NEAR(effective_rank(at::diag(at::tensor({3.0, 1.0}))),
              std::exp(0.75 * std::log(4.0 / 3) + 0.25 * std::log(4.0)), 1e-9);
}

}  // namespace
}  // namespace patronus
