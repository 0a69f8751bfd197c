#include "patronus/figures/matrix_plot.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "figures/plot_style.h"
#include "patronus/figures/canvas.h"

namespace patronus {
namespace {

constexpr float kUnknownCell = std::numeric_limits<float>::quiet_NaN();
constexpr Color kUnknownColor{200, 200, 200};

/// Where the first cell of a drawn matrix lies, whose value is unknown: the only one that is. Edges of
/// letters may have its colour, too, but not over an area; a key beside the scale has it far to the right.
Rect unknown_cell(const at::Tensor& figure) {
  constexpr int64_t kSide = 4;
  const auto gray = (figure[0] == kUnknownColor.red) & (figure[1] == kUnknownColor.green) &
                    (figure[2] == kUnknownColor.blue);
  const auto area = at::avg_pool2d(gray.to(at::kFloat).unsqueeze(0).unsqueeze(0), {kSide, kSide}, {1, 1});
  auto places = (area[0][0] == 1).nonzero();
  const auto columns = places.select(1, 1);
  places = places.index({columns < columns.min() + 24});
  const auto first = std::get<0>(places.min(0)), last = std::get<0>(places.max(0));
  const auto size = last - first + kSide;
  return {first[1].item<int64_t>(), first[0].item<int64_t>(), size[1].item<int64_t>(),
          size[0].item<int64_t>()};
}

/// The colour in the middle of a cell.
std::vector<int64_t> color_of(const at::Tensor& figure, const Rect& first, int64_t row, int64_t column) {
  const int64_t y = first.y + row * first.height + first.height / 2;
  const int64_t x = first.x + column * first.width + first.width / 2;
  std::vector<int64_t> color;
  for (int64_t c = 0; c < 3; ++c) color.push_back(figure[c][y][x].item<int64_t>());
  return color;
}

TEST(MatrixPlot, OfFewCellsHasRoomForTheTitlesOfItsAxes) {
  const auto figure = draw_matrix({.values = at::zeros({1, 1}),
                                   .x_label = "prototype whose activation changes",
                                   .y_label = "prototype that is raised",
                                   .row_labels = {"0"},
                                   .column_labels = {"0"}})
                          .pixels();
  const int64_t height = figure.size(1), width = figure.size(2);
  for (const auto& edge : {figure.select(2, 0), figure.select(2, width - 1), figure.select(1, 0),
                           figure.select(1, height - 1)}) {
    EXPECT_TRUE((edge == 255).all().item<bool>()) << "nothing is cut off";
  }
}

TEST(MatrixPlot, CellsHaveTheColoursOfTheirValues) {
  const auto values = at::tensor({kUnknownCell, 0.0F, 0.5F, 2.0F, 9.0F, -2.0F, -9.0F, -1.0F}).view({2, 4});
  const auto figure = draw_matrix({.values = values, .limit = 2}).pixels();
  const Rect first = unknown_cell(figure);
  EXPECT_EQ(first.width, 24);
  EXPECT_EQ(first.height, 24);
  const std::vector<int64_t> white{255, 255, 255}, red{178, 32, 45}, blue{33, 92, 170};
  EXPECT_EQ(color_of(figure, first, 0, 1), white);
  EXPECT_EQ(color_of(figure, first, 0, 3), red);
  EXPECT_EQ(color_of(figure, first, 1, 0), red) << "beyond the limit it stays";
  EXPECT_EQ(color_of(figure, first, 1, 1), blue);
  EXPECT_EQ(color_of(figure, first, 1, 2), blue);
  const auto pale_red = color_of(figure, first, 0, 2), pale_blue = color_of(figure, first, 1, 3);
  for (size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(static_cast<double>(pale_red[c]), 255 + 0.25 * (static_cast<double>(red[c]) - 255), 0.51);
    EXPECT_NEAR(static_cast<double>(pale_blue[c]), 255 + 0.5 * (static_cast<double>(blue[c]) - 255), 0.51);
  }
}

/// Whether any pixel of a figure has this colour.
bool has_color(const Canvas& figure, const Color& color) {
  const auto rgb = at::tensor({color.red, color.green, color.blue}, at::kByte).view({3, 1, 1});
  return (figure.pixels() == rgb).all(0).any().item<bool>();
}

TEST(MatrixPlot, AScaleFromZeroHasNoColourOfNegativeValues) {
  constexpr Color kBlue{33, 92, 170};
  MatrixPlot plot{.values = at::eye(3)};
  EXPECT_TRUE(has_color(draw_matrix(plot), kBlue));
  plot.from_zero = true;
  EXPECT_FALSE(has_color(draw_matrix(plot), kBlue));
}

TEST(MatrixPlot, SaysWhatGrayIsWhereThereIsAny) {
  MatrixPlot plot{.values = at::eye(3)};
  EXPECT_FALSE(has_color(draw_matrix(plot), kUnknownColor));
  const int64_t width = draw_matrix(plot).width();
  plot.values[1][2] = kUnknownCell;
  EXPECT_GT(draw_matrix(plot).width(), width) << "a word beside it";
}

TEST(MatrixPlot, CellsShrinkAsFarAsTheyAreSeen) {
  const std::tuple<int64_t, int64_t, int64_t> sizes[]{
      {1, 1, 24}, {23, 5, 24}, {5, 50, 11}, {100, 100, 5}, {300, 2, 4}};
  for (const auto& [rows, columns, side] : sizes) {
    auto values = at::zeros({rows, columns});
    values[0][0] = kUnknownCell;
    const Rect first = unknown_cell(draw_matrix({.values = values}).pixels());
    EXPECT_EQ(first.width, side) << rows << " x " << columns;
    EXPECT_EQ(first.height, side);
  }
}

TEST(MatrixPlot, NamesAndTitlesTakeRoomBesideTheCells) {
  auto values = at::zeros({3, 3});
  values[0][0] = kUnknownCell;
  const auto plain = draw_matrix({.values = values}).pixels();
  const std::vector<std::string> names{"blond_hair", "a", "b"};
  const auto named = draw_matrix({.values = values, .title = "Effects", .row_labels = names}).pixels();
  const Rect before = unknown_cell(plain), after = unknown_cell(named);
  EXPECT_GE(after.x - before.x, text_width("blond_hair", kSmallSize));
  EXPECT_GT(after.y, before.y);
  const auto left_of_cells = [](const at::Tensor& figure, const Rect& first, int64_t row) {
    const auto strip = figure.slice(1, first.y + row * first.height, first.y + (row + 1) * first.height)
                           .slice(2, 0, first.x - 1);
    return (strip < 128).any().item<bool>();
  };
  for (int64_t row = 0; row < 3; ++row) {
    EXPECT_TRUE(left_of_cells(named, after, row)) << row;
    EXPECT_FALSE(left_of_cells(plain, before, row)) << row;
  }
  EXPECT_TRUE((named.slice(1, 0, after.y - 1) < 128).any().item<bool>()) << "the title";
}

}  // namespace
}  // namespace patronus
