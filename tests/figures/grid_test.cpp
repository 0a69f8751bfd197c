#include "patronus/figures/grid.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "figures/plot_style.h"
#include "support/inked_columns.h"

namespace patronus {
namespace {

at::Tensor plain_picture(int64_t channels, int64_t height, int64_t width, int value) {
  return at::full({channels, height, width}, value, at::kByte);
}

TEST(Grid, PicturesLieExactlyWhereTheyShould) {
  Grid grid;
  for (int row = 0; row < 2; ++row) {
    grid.rows.emplace_back();
    for (int column = 0; column < 3; ++column)
      grid.rows[row].push_back(plain_picture(3, 32, 32, 10 * row + column));
  }
  const auto figure = draw_grid(grid).pixels();
  // Three times enlarged, 10 pixels around, 4 between.
  ASSERT_EQ(figure.sizes(), (at::IntArrayRef{3, 10 + 96 + 4 + 96 + 10, 10 + 3 * 96 + 2 * 4 + 10}));
  auto expected = at::full_like(figure, 255);
  for (int row = 0; row < 2; ++row) {
    for (int column = 0; column < 3; ++column) {
      expected.slice(1, 10 + row * 100, 106 + row * 100)
          .slice(2, 10 + column * 100, 106 + column * 100)
          .fill_(10 * row + column);
    }
  }
  EXPECT_TRUE(at::equal(figure, expected));
}

TEST(Grid, SmallerGrayAndMissingPicturesKeepTheirCells) {
  Grid grid;
  grid.cell_size = 64;
  grid.rows = {{plain_picture(3, 64, 64, 1), at::Tensor()}, {plain_picture(1, 28, 20, 2)}};
  const auto figure = draw_grid(grid).pixels();
  ASSERT_EQ(figure.sizes(), (at::IntArrayRef{3, 152, 152}));
  EXPECT_EQ(figure.slice(1, 10, 74).slice(2, 78).min().item<int>(), 255) << "the empty cell";
  const auto small = figure.slice(1, 78, 142).slice(2, 10, 74);  // 56 x 40 after doubling, in the middle
  EXPECT_EQ((small == 2).sum().item<int>(), 3 * 56 * 40);
  EXPECT_EQ((small.slice(1, 4, 60).slice(2, 12, 52) == 2).sum().item<int>(), 3 * 56 * 40);
}

TEST(Grid, AKeyHasItsOwnPlaceBelowTheTitle) {
  Grid grid;
  grid.title = "t";
  grid.rows = {{plain_picture(3, 32, 32, 0)}};
  const auto without = draw_grid(grid).pixels();
  grid.key = {"with", "", "without"};
  const auto figure = draw_grid(grid).pixels();
  const int64_t height = figure.size(1) - without.size(1);
  EXPECT_GT(height, 12);
  const auto key = figure.slice(1, figure.size(1) - 106 - height, figure.size(1) - 106);
  for (const size_t number : {size_t{0}, size_t{2}}) {
    const Color& color = kPalette.at(number);
    const auto rgb = at::tensor({color.red, color.green, color.blue}, at::kByte).view({3, 1, 1});
    EXPECT_EQ((key == rgb).all(0).sum().item<int64_t>(), 12 * 12) << number;
  }
  EXPECT_EQ((figure.slice(1, figure.size(1) - 106) == 0).sum().item<int64_t>(), 3 * 96 * 96)
      << "the picture is as before";
}

TEST(Grid, LargePicturesAreNotShrunk) {
  Grid grid;
  grid.rows = {{plain_picture(1, 224, 224, 0)}};
  EXPECT_EQ(draw_grid(grid).pixels().sizes(), (at::IntArrayRef{3, 244, 244}));
}

TEST(Grid, LabelsStandBesideThePicturesAndDoNotOverlap) {
  Grid grid;
  grid.rows = {{plain_picture(3, 32, 32, 0), plain_picture(3, 32, 32, 0), plain_picture(3, 32, 32, 0)}};
  const int64_t plain_width = draw_grid(grid).pixels().size(2);
  grid.row_labels = {"original"};
  grid.column_labels = {"one column label that is far too long", "another one that is far too long", "short"};
  grid.captions = {{"a caption that is far too long", "the next caption that is too long", "ok"}};
  const auto figure = draw_grid(grid).pixels();
  EXPECT_EQ(figure.size(2), plain_width + text_width("original", 14) + 10);
  const auto black = (figure == 0).all(0);
  const int64_t top = black.any(1).nonzero().min().item<int64_t>();
  const int64_t bottom = black.any(1).nonzero().max().item<int64_t>() + 1;
  ASSERT_EQ(bottom - top, 96);
  const auto pictures = test::inked_columns(figure.slice(1, top + 90, top + 91), 0);
  ASSERT_EQ(pictures.size(), 3u);
  for (const auto& band : {figure.slice(1, 0, top), figure.slice(1, bottom)}) {
    const auto words = test::inked_columns(band, 3);  // the pictures are 4 apart
    EXPECT_GE(words.size(), 3u);
    for (const auto& [first, last] : words) {
      const auto inside = [&, first = first, last = last](const auto& cell) {
        return first >= cell.first && last <= cell.second;
      };
      EXPECT_TRUE(std::any_of(pictures.begin(), pictures.end(), inside))
          << "ink from " << first << " to " << last;
    }
  }
}

TEST(Grid, LabelsThatAreTooLongAreBrokenIntoThreeLinesAtMost) {
  const auto height = [](const std::string& head, const std::string& caption) {
    Grid grid;
    grid.rows = {{plain_picture(3, 32, 32, 0)}};
    grid.column_labels = {head};
    grid.captions = {{caption}};
    return draw_grid(grid).pixels().size(1);
  };
  const std::string half = "eleven letters", more = " " + half;
  EXPECT_EQ(height("", half), height("", "short"));
  EXPECT_EQ(height("", half + more), height("", "short") + line_height(12));
  EXPECT_EQ(height("", half + more), height("", "two\nlines"));
  EXPECT_EQ(height("", half + more + more + more), height("", half + more + more));
  EXPECT_EQ(height("ten letters, ten letters", ""), height("short", "") + line_height(14));
  EXPECT_EQ(height("a_folder/000123.jpg", ""), height("a_folder/\n000123.jpg", ""));
  EXPECT_EQ(height("a/0123.jpg", ""), height("short", "")) << "fits";
}

TEST(Grid, CaptionsTakeSpaceBelowTheirOwnRowAlone) {
  Grid grid;
  grid.rows = {{plain_picture(3, 32, 32, 7)}, {plain_picture(3, 32, 32, 7)}};
  const auto height_with = [&](const std::vector<std::vector<std::string>>& captions) {
    grid.captions = captions;
    return draw_grid(grid).height();
  };
  const int64_t none = height_with({}), line = height_with({{"a"}, {""}}) - none;
  EXPECT_GT(line, 10);
  EXPECT_EQ(height_with({{"a"}}), none + line);
  EXPECT_EQ(height_with({{"a"}, {"a"}}), none + 2 * line);
  EXPECT_LT(height_with({{"a\nb"}, {"a"}}), none + 3 * line) << "a gap for a row, not for a line";
  EXPECT_GT(height_with({{"a\nb"}, {"a"}}), none + 2 * line + 10);
}

TEST(Grid, ATitleWiderThanThePicturesIsShownWhole) {
  Grid grid;
  grid.rows = {{plain_picture(3, 32, 32, 0)}};
  grid.title = "A single picture under a wide title";
  const auto figure = draw_grid(grid).pixels();
  EXPECT_EQ(figure.size(2), text_width(grid.title, 18) + 20);
  const auto title = test::inked_columns(figure.slice(1, 0, 30), 30);
  ASSERT_EQ(title.size(), 1u);
  EXPECT_NEAR(static_cast<double>(title[0].first), 10, 1);
}

TEST(Grid, ALongTitleIsBrokenAbovePicturesOfAFewWordsWidth) {
  Grid grid;
  grid.rows = {{plain_picture(3, 32, 32, 0)}};
  grid.title = "A single picture";
  const int64_t height = draw_grid(grid).height();
  grid.title = "A single picture under a title that goes on and on, and that is still shown whole";
  const Canvas figure = draw_grid(grid);
  EXPECT_LE(figure.width(), 420);
  EXPECT_EQ(figure.height(), height + line_height(kTitleSize));
}

TEST(Grid, LongLabelsAtTheLeftAreBroken) {
  Grid grid;
  grid.rows = {{plain_picture(3, 32, 32, 255)}};
  grid.row_labels = {"CheXpert-v1.0-small/train/patient64540/study1/view1_frontal.jpg"};
  const auto rows = (draw_grid(grid).pixels().amin({0, 2}) < 128).nonzero();
  EXPECT_GT((rows.max() - rows.min()).item<int64_t>(), line_height(kLabelSize)) << "two lines";
}

TEST(Grid, BoxesAreOutlinedAroundTheirPixelsHoweverEnlarged) {
  for (const int64_t factor : {1, 3}) {
    Grid grid;
    grid.cell_size = 32 * factor;
    grid.rows = {{plain_picture(3, 32, 32, 120), plain_picture(3, 32, 32, 120)}};
    grid.boxes = {{{}, {{.rect = {.x = 0, .y = 8, .width = 16, .height = 20}}}}};
    const auto figure = draw_grid(grid).pixels();
    const auto left = figure.slice(2, 10, 10 + 32 * factor);
    const auto marked =
        (figure.slice(2, 14 + 32 * factor, 14 + 64 * factor).slice(1, 10, 10 + 32 * factor) != 120).any(0);
    EXPECT_TRUE((left.slice(1, 10, 10 + 32 * factor) == 120).all().item<bool>()) << "has no box";
    auto expected = at::zeros({32 * factor, 32 * factor}, at::kBool);
    expected.slice(0, 8 * factor, 28 * factor).slice(1, 0, 16 * factor).fill_(true);
    expected.slice(0, 8 * factor + 4, 28 * factor - 4).slice(1, 4, 16 * factor - 4).fill_(false);
    EXPECT_TRUE(at::equal(marked, expected)) << "a line of four pixels just inside";
  }
}

TEST(Grid, ABoxHasTheColorOfItsKey) {
  Grid grid;
  grid.rows = {{plain_picture(3, 32, 32, 120)}};
  const Rect box{.x = 4, .y = 4, .width = 16, .height = 16};
  const auto has = [&](const Color& color) {
    const auto rgb = at::tensor({color.red, color.green, color.blue}, at::kByte).view({3, 1, 1});
    return (draw_grid(grid).pixels() == rgb).all(0).any().item<bool>();
  };
  grid.boxes = {{{{.rect = box}}}};
  EXPECT_TRUE(has({255, 140, 0}));
  grid.boxes = {{{{.rect = box, .key = 2}}}};
  EXPECT_TRUE(has(kPalette[2]));
  EXPECT_FALSE(has({255, 140, 0}));
}

TEST(Grid, ABatchIsLaidOutInRows) {
  const auto batch = at::arange(5, at::kByte).view({5, 1, 1, 1}).expand({5, 3, 4, 4});
  const Grid grid = make_grid(batch, 2);
  ASSERT_EQ(grid.rows.size(), 3u);
  EXPECT_EQ(grid.rows[2].size(), 1u);
  EXPECT_EQ(std::get<at::Tensor>(grid.rows[1][1])[0][0][0].item<int>(), 3);
  EXPECT_EQ(draw_grid(Grid{}).pixels().sizes(), (at::IntArrayRef{3, 20, 20}));
}

TEST(Grid, OfRowsHasImageNumberIOfEveryRowInItsColumn) {
  const auto numbers = [](std::vector<float> values) {
    return at::tensor(values).view({-1, 1, 1, 1}).expand({-1, 3, 4, 4});
  };
  const Grid grid =
      make_grid_of_rows({{"original", numbers({-1, 0, 1})}, {"regenerated", numbers({1.5, -7})}});
  EXPECT_EQ(grid.row_labels, (std::vector<std::string>{"original", "regenerated"}));
  ASSERT_EQ(grid.rows.size(), 2u);
  EXPECT_EQ(grid.rows[0].size(), 3u);
  ASSERT_EQ(grid.rows[1].size(), 2u) << "rows may differ in length";
  const auto value = [&](size_t row, size_t column) {
    return std::get<at::Tensor>(grid.rows[row][column])[0][0][0].item<int>();
  };
  EXPECT_EQ(value(0, 0), 0);
  EXPECT_EQ(value(0, 2), 255);
  EXPECT_EQ(value(1, 0), 255) << "overshoot is clamped";
  EXPECT_EQ(value(1, 1), 0);
}

}  // namespace
}  // namespace patronus
