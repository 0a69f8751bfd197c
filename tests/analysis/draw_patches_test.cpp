#include "patronus/analysis/draw_patches.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "patronus/analysis/encode.h"
#include "support/small_model.h"

namespace patronus {
namespace {

/// First and last column of a picture, from `start` on, that has the bright orange of boxes.
std::pair<int64_t, int64_t> marked_columns(const at::Tensor& pixels, int64_t start, int64_t end) {
  const auto orange = at::tensor({255, 140, 0}, at::kByte).view({3, 1, 1});
  const auto marked = (pixels == orange).all(0).any(0).slice(0, start, end).nonzero();
  return {marked.min().item<int64_t>() + start, marked.max().item<int64_t>() + start};
}

TEST(DrawPatches, MarksTheBestCellAndItsReceptiveField) {
  TrainedModel trained = test::small_model();
  const Dataset faces = open_dataset(trained.config.data, Split::kTest);
  const Box box = to_box(encode_images(trained.model.encoder, faces, 3, 1).boxes[0][2]);
  const auto pixels =
      draw_most_activated_patches(trained, faces, at::tensor({3}, at::kLong), {2}).front().pixels();
  // Four cells of 192 pixels, 4 apart, behind two margins of 10; images of 32 pixels are drawn 6 times as
  // large, and of four outlines the two in the middle are orange.
  const int64_t third = 20 + 2 * 196;
  const auto [first, last] = marked_columns(pixels, third, third + 192);
  EXPECT_EQ(first, third + 6 * box.col0 + 1);
  EXPECT_EQ(last, third + 6 * box.col1 - 2);
  const int64_t cells = trained.model.encoder->receptive_field().cells, factor = 192 / cells;
  const auto [left, right] = marked_columns(pixels, 20 + 196, 20 + 2 * 196 - 4);
  EXPECT_LT(right - left, factor) << "one cell";
}

TEST(DrawPatches, HasABlockForEveryImageAndPrototype) {
  TrainedModel trained = test::small_model();
  const Dataset faces = open_dataset(trained.config.data, Split::kTest);
  const auto area = [&](const at::Tensor& indices, const std::vector<int64_t>& prototypes) {
    const auto pages = draw_most_activated_patches(trained, faces, indices, prototypes);
    EXPECT_EQ(pages.size(), 1u);
    const Canvas& picture = pages.front();
    return picture.width() * picture.height();
  };
  const int64_t one = area(at::arange(1), {2}), three = area(at::arange(1), {2, 0, 5});
  EXPECT_GT(three, 2 * one);
  EXPECT_EQ(area(at::arange(3), {2}), three);
}

TEST(DrawPatches, ManyTakeSeveralPages) {
  TrainedModel trained = test::small_model();
  const Dataset faces = open_dataset(trained.config.data, Split::kTest);
  const auto pages = draw_most_activated_patches(trained, faces, at::arange(7), {0, 1, 2, 3, 4});
  ASSERT_EQ(pages.size(), 3u) << "35 drawings, 16 a page";
  EXPECT_EQ(pages[0].width(), pages[1].width());
  EXPECT_EQ(pages[0].height(), pages[1].height());
  EXPECT_LT(pages[2].height(), pages[1].height());
}

}  // namespace
}  // namespace patronus
