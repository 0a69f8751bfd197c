#include "patronus/metrics/image_similarity.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>

#include "patronus/core/random.h"
#include "support/parity.h"

namespace patronus {
namespace {

at::Tensor random_pictures(uint64_t seed, at::IntArrayRef shape) {
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

TEST(Mse, OfManyPixelsIsThatOfEachImage) {
  const auto a = random_pictures(1, {9, 1, 800, 700}).to(at::kFloat);  // more than are worked on at once
  const auto b = random_pictures(2, {9, 1, 800, 700}).to(at::kFloat);
  const auto error = mse(a, b);
  for (int64_t i = 0; i < 9; ++i) {
    EXPECT_NEAR(error[i].item<double>(), mse(a.slice(0, i, i + 1), b.slice(0, i, i + 1)).item<double>(),
                1e-12);
  }
}

TEST(Ssim, OfSeveralImagesIsThatOfEach) {
  const auto a = random_pictures(1, {3, 2, 20, 17});
  const auto b = 0.5 * a + 0.5 * random_pictures(2, {3, 2, 20, 17});
  const auto similarity = ssim(a, b);
  for (int64_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(similarity[i].item<double>(), ssim(a.slice(0, i, i + 1), b.slice(0, i, i + 1)).item<double>(),
                1e-12);
  }
}

TEST(Ssim, IsOneForEqualImages) {
  const auto images = random_pictures(1, {2, 3, 16, 20});
  EXPECT_TRUE(test::close(ssim(images, images), at::ones({2}, at::kDouble), 1e-12));
}

TEST(Ssim, OfOneWindowEqualsTheFormula) {
  const auto a = random_pictures(1, {1, 1, 11, 11});
  const auto b = 0.7 * a + 0.3 * random_pictures(2, {1, 1, 11, 11});
  EXPECT_NEAR(ssim(a, b).item<double>(), similarity_of_one_window(a[0][0], b[0][0]), 1e-12);
}

TEST(Ssim, AveragesOverWindowsAndChannels) {
  const auto a = random_pictures(1, {1, 2, 12, 13});
  const auto b = 0.7 * a + 0.3 * random_pictures(2, {1, 2, 12, 13});
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

}  // namespace
}  // namespace patronus
