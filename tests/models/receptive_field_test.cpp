#include "patronus/models/receptive_field.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "support/failure.h"

namespace patronus {
namespace {

const std::vector<ConvGeometry> kPaperStack{{3, 2, 1}, {3, 1, 0}, {3, 1, 0}, {3, 1, 0}};
const std::vector<ConvGeometry> kChexpertStack{{5, 2, 1}, {5, 2, 1}, {5, 1, 0}, {5, 1, 0}, {5, 1, 0}};
// The first layer does not reach the last pixel of 34, and the second pads: cells at the edge see less than
// their size.
const std::vector<ConvGeometry> kUnevenStack{{3, 2, 0}, {4, 1, 2}, {2, 3, 1}};

/// The smallest box around the pixels on which the cell depends: the support of the gradient, with all
/// weights 1.
Box gradient_support(const std::vector<ConvGeometry>& stack, int64_t image_size, int64_t row,
                     int64_t column) {
  auto image = at::ones({1, 1, image_size, image_size}).requires_grad_();
  auto map = image;
  for (const auto& layer : stack) {
    map = at::conv2d(map, at::ones({1, 1, layer.kernel, layer.kernel}), {}, layer.stride, layer.padding);
  }
  map[0][0][row][column].backward();
  const auto touched = image.grad()[0][0] != 0;
  const auto rows = touched.any(1).nonzero(), columns = touched.any(0).nonzero();
  return {rows.min().item<int64_t>(), rows.max().item<int64_t>() + 1, columns.min().item<int64_t>(),
          columns.max().item<int64_t>() + 1};
}

/// Both borders, their neighbours, and the middle.
std::vector<int64_t> telling_cells(int64_t cells) {
  return {0, 1, cells / 2, cells - 2, cells - 1};
}

void expect_boxes_are_gradient_supports(const std::vector<ConvGeometry>& stack, int64_t image_size) {
  const auto field = receptive_field(stack, image_size);
  for (const auto row : telling_cells(field.cells)) {
    for (const auto column : telling_cells(field.cells)) {
      EXPECT_EQ(patch_box(field, row * field.cells + column),
                gradient_support(stack, image_size, row, column))
          << "cell " << row << ", " << column;
    }
  }
}

TEST(ReceptiveField, BoxIsTheSupportOfTheGradientForThePapersStack) {
  expect_boxes_are_gradient_supports(kPaperStack, 32);
}

TEST(ReceptiveField, BoxIsTheSupportOfTheGradientForTheChexpertStack) {
  expect_boxes_are_gradient_supports(kChexpertStack, 224);
}

TEST(ReceptiveField, BoxIsTheSupportOfTheGradientWherePixelsAtTheEdgeAreUnused) {
  expect_boxes_are_gradient_supports(kUnevenStack, 34);
}

TEST(ReceptiveField, PapersPatchStartsAtJumpTimesCellAndIsOnePixelShort) {
  const auto field = receptive_field(kPaperStack, 32);
  EXPECT_EQ(patch_box(field, 2 * field.cells + 7, PatchRule::kPaper), (Box{4, 18, 14, 28}));
}

TEST(ReceptiveField, EveryPatchHasAPixelOfTheImageWhateverTheRule) {
  // A field of one pixel, and paddings that put cells beyond the image.
  const std::vector<std::vector<ConvGeometry>> stacks{
      {{1, 1, 0}}, {{1, 2, 0}}, {{3, 1, 2}}, {{3, 1, 2}, {3, 1, 2}}, {{5, 2, 4}, {3, 1, 2}}};
  for (const auto& stack : stacks) {
    const ReceptiveField field = receptive_field(stack, 9);
    for (const auto rule : {PatchRule::kExact, PatchRule::kPaper}) {
      for (int64_t cell = 0; cell < field.cells * field.cells; ++cell) {
        const Box box = patch_box(field, cell, rule);
        EXPECT_TRUE(0 <= box.row0 && box.row0 < box.row1 && box.row1 <= 9) << to_string(rule) << " " << cell;
        EXPECT_TRUE(0 <= box.col0 && box.col0 < box.col1 && box.col1 <= 9) << to_string(rule) << " " << cell;
      }
    }
  }
}

TEST(ReceptiveField, ATableOfBoxesHoldsEveryCellsBox) {
  const auto field = receptive_field(kUnevenStack, 34);
  const auto cells = at::tensor({0, 7, 12, 3, 24, 9}, at::kLong).view({2, 3});
  for (const auto rule : {PatchRule::kExact, PatchRule::kPaper}) {
    const auto boxes = patch_boxes(field, cells, rule);
    ASSERT_EQ(boxes.sizes(), (at::IntArrayRef{2, 3, 4}));
    for (int64_t i = 0; i < 6; ++i) {
      const int64_t cell = cells[i / 3][i % 3].item<int64_t>();
      EXPECT_EQ(to_box(boxes[i / 3][i % 3]), patch_box(field, cell, rule)) << "cell " << cell;
    }
  }
}

TEST(ReceptiveField, ACropIsTheImageInsideTheBox) {
  const auto image = at::arange(2 * 6 * 6).view({2, 6, 6});
  const auto part = crop(image, {1, 3, 2, 6});
  ASSERT_EQ(part.sizes(), (at::IntArrayRef{2, 2, 4}));
  EXPECT_EQ(part[1][0][0].item<int64_t>(), 36 + 6 + 2);
  EXPECT_EQ(part[0][1][3].item<int64_t>(), 2 * 6 + 5);
}

TEST(ReceptiveField, CellsJumpSizeAndStartAreThePapers) {
  const auto field = receptive_field(kPaperStack, 64);
  EXPECT_EQ(field.cells, 26);
  EXPECT_EQ(field.jump, 2);
  EXPECT_EQ(field.size, 15);
  EXPECT_EQ(field.start, 6.5);
}

TEST(ReceptiveField, ImageTooSmallForTheStackIsRefused) {
  EXPECT_EQ(test::message_of([] { receptive_field(kPaperStack, 12); }),
            "model.encoder.kernels: convolution 4 of 4 has kernel 3, but images of 12 pixels leave it 2 with "
            "padding 0; "
            "use larger images or fewer, smaller or less strided convolutions");
}

TEST(OverlapByHalf, IsOfTheSmallerBox) {
  const auto box = [](int64_t row, int64_t column, int64_t size) {
    return at::tensor({row, row + size, column, column + size});
  };
  const auto overlap = [](const at::Tensor& a, const at::Tensor& b) {
    EXPECT_TRUE(at::equal(overlap_by_half(a, b), overlap_by_half(b, a)));
    return overlap_by_half(a, b).item<bool>();
  };
  EXPECT_TRUE(overlap(box(0, 0, 8), box(0, 4, 8)));
  EXPECT_FALSE(overlap(box(0, 0, 8), box(0, 5, 8)));
  EXPECT_FALSE(overlap(box(0, 0, 8), box(3, 3, 8)));
  EXPECT_TRUE(overlap(box(0, 0, 32), box(20, 20, 4))) << "inside";
  EXPECT_FALSE(overlap(box(0, 0, 8), box(20, 20, 8))) << "apart in both directions";
}

TEST(Boxes, CoverTheRowsAndColumnsBetweenTheirEdges) {
  const auto boxes = at::tensor({1, 3, 0, 4, 2, 3, 3, 4}, at::kLong).view({2, 4});
  EXPECT_TRUE(at::equal(box_areas(boxes), at::tensor({8, 1}, at::kLong)));
  EXPECT_TRUE(at::equal(box_areas(boxes.view({1, 2, 4})), at::tensor({8, 1}, at::kLong).view({1, 2})));
  EXPECT_TRUE(at::equal(rows_inside(boxes, 4),
                        at::tensor({0, 1, 1, 0, 0, 0, 1, 0}, at::kLong).view({2, 4}).to(at::kBool)));
  EXPECT_TRUE(at::equal(columns_inside(boxes, 4),
                        at::tensor({1, 1, 1, 1, 0, 0, 0, 1}, at::kLong).view({2, 4}).to(at::kBool)));
}

}  // namespace
}  // namespace patronus
