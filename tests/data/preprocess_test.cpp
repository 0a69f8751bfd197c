#include "patronus/data/preprocess.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

namespace patronus {
namespace {

TEST(Preprocess, RightSizeIsOnlyRescaled) {
  const auto levels = at::arange(256).to(at::kByte).view({1, 16, 16});
  const auto image = preprocess(levels, 16);
  EXPECT_EQ(image.min().item<float>(), -1);
  EXPECT_EQ(image.max().item<float>(), 1);
  EXPECT_TRUE(image.add(1).mul(127.5).round().to(at::kByte).equal(levels));
}

TEST(Preprocess, SidesAreScaledByThemselves) {
  const auto columns = at::arange(12).mul(20).to(at::kByte).view({1, 1, 12}).expand({1, 5, 12});
  const auto image = preprocess(columns, 8);
  EXPECT_EQ(image.sizes(), (std::vector<int64_t>{1, 8, 8}));
  EXPECT_LT((image - image.narrow(1, 0, 1)).abs().max().item<float>(), 1e-6);  // rows stay equal
  EXPECT_TRUE(image[0][0].diff().gt(0).all().item<bool>());
}

TEST(Preprocess, OvershootIsKept) {
  const auto edge = at::cat({at::zeros({1, 9, 5}), at::full({1, 9, 4}, 255)}, 2).to(at::kByte);
  EXPECT_GT(preprocess(edge, 16).max().item<float>(), 1.01);
}

TEST(Preprocess, GrayWeighsTheColoursAndColourRepeatsGray) {
  const auto rgb = at::tensor({200, 10, 90}, at::kByte).view({3, 1, 1});
  const auto gray = with_channels(rgb, 1);
  EXPECT_EQ(gray.item<int64_t>(), (19595 * 200 + 38470 * 10 + 7471 * 90 + 32768) >> 16);
  EXPECT_TRUE(with_channels(gray, 3).eq(gray).all().item<bool>());
  EXPECT_TRUE(with_channels(rgb, 3).equal(rgb));
}

TEST(Preprocess, CentreCropIsTheLargestCentredSquare) {
  const auto wide = at::arange(7).expand({1, 4, 7});
  EXPECT_TRUE(centre_crop(wide)[0][0].equal(at::arange(1, 5)));
  EXPECT_TRUE(centre_crop(wide.transpose(1, 2))[0].select(1, 0).equal(at::arange(1, 5)));
}

}  // namespace
}  // namespace patronus
