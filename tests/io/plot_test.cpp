#include "patronus/io/plot.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "io/legend.h"

namespace patronus {
namespace {

at::Tensor plain_picture(int64_t channels, int64_t height, int64_t width, int value) {
  return at::full({channels, height, width}, value, at::kByte);
}

/// Pixels [H, W] of exactly this colour.
at::Tensor pixels_of_color(const at::Tensor& figure, const Color& color) {
  return (figure[0] == color.red) & (figure[1] == color.green) & (figure[2] == color.blue);
}

/// Start and end of the runs of inked columns in [H, W] pixels, joined over gaps of up to `gap` columns.
std::vector<std::pair<int64_t, int64_t>> inked_columns(const at::Tensor& figure, int64_t gap) {
  const auto inked_tensor = (figure != 255).any(0).any(0);
  const auto inked = inked_tensor.accessor<bool, 1>();
  std::vector<std::pair<int64_t, int64_t>> runs;
  for (int64_t x = 0; x < inked.size(0); ++x) {
    if (!inked[x]) continue;
    if (runs.empty() || x - runs.back().second - 1 > gap) runs.emplace_back(x, x);
    runs.back().second = x;
  }
  return runs;
}

constexpr Color kFirstColor{0, 114, 178};
constexpr Color kSecondColor{213, 94, 0};

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
  const auto pictures = inked_columns(figure.slice(1, top + 90, top + 91), 0);
  ASSERT_EQ(pictures.size(), 3u);
  for (const auto& band : {figure.slice(1, 0, top), figure.slice(1, bottom)}) {
    const auto words = inked_columns(band, 3);  // the pictures are 4 apart
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

TEST(Grid, ATitleWiderThanThePicturesIsShownWhole) {
  Grid grid;
  grid.rows = {{plain_picture(3, 32, 32, 0)}};
  grid.title = "A single picture under a wide title";
  const auto figure = draw_grid(grid).pixels();
  EXPECT_EQ(figure.size(2), text_width(grid.title, 18) + 20);
  const auto title = inked_columns(figure.slice(1, 0, 30), 30);
  ASSERT_EQ(title.size(), 1u);
  EXPECT_NEAR(static_cast<double>(title[0].first), 10, 1);
}

TEST(Grid, BoxesAreOutlinedAroundTheirPixelsHoweverEnlarged) {
  for (const int64_t factor : {1, 3}) {
    Grid grid;
    grid.cell_size = 32 * factor;
    grid.rows = {{plain_picture(3, 32, 32, 120), plain_picture(3, 32, 32, 120)}};
    grid.boxes = {{{}, {{.x = 0, .y = 8, .width = 16, .height = 20}}}};
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

TEST(Grid, ABatchIsLaidOutInRows) {
  const auto batch = at::arange(5, at::kByte).view({5, 1, 1, 1}).expand({5, 3, 4, 4});
  const Grid grid = grid_of(batch, 2);
  ASSERT_EQ(grid.rows.size(), 3u);
  EXPECT_EQ(grid.rows[2].size(), 1u);
  EXPECT_EQ(std::get<at::Tensor>(grid.rows[1][1])[0][0][0].item<int>(), 3);
  EXPECT_EQ(draw_grid(Grid{}).pixels().sizes(), (at::IntArrayRef{3, 20, 20}));
}

LinePlot falling_loss() {
  LinePlot plot{.title = "Training loss", .x_label = "step", .y_label = "loss"};
  plot.series.resize(1);
  plot.series[0].name = "train";
  for (int i = 0; i <= 1000; ++i) {
    plot.series[0].x.push_back(i);
    plot.series[0].y.push_back(std::exp(-i / 150.0));
  }
  return plot;
}

TEST(LinePlot, HasTheSizeAskedForAndShowsEveryCurve) {
  auto plot = falling_loss();
  plot.series.push_back({.name = "half", .x = {0, 1000}, .y = {0.5, 0.5}});
  for (const auto& [width, height] : {std::pair{900, 560}, std::pair{400, 300}}) {
    plot.width = width;
    plot.height = height;
    const auto figure = draw_line_plot(plot).pixels();
    EXPECT_EQ(figure.sizes(), (at::IntArrayRef{3, height, width}));
    EXPECT_GT(pixels_of_color(figure, kFirstColor).sum().item<int>(), width / 2);
    EXPECT_GT(pixels_of_color(figure, kSecondColor).sum().item<int>(), width / 2);
  }
}

TEST(LinePlot, TickLabelsKeepADistance) {
  for (const double last : {0.7, 12.0, 1234.0, 98'765.0, 3e6, 4e9, 2e-7}) {
    for (const int64_t width : {240, 500, 900}) {
      LinePlot plot{.series = {{"", {0, last}, {0, 1}}}, .width = width};
      // The labels of the x axis are all that stands in the lowest rows.
      const auto labels = inked_columns(draw_line_plot(plot).pixels().slice(1, plot.height - 22), 6);
      EXPECT_GE(labels.size(), 2u) << last << " " << width;
      for (size_t i = 1; i < labels.size(); ++i)
        EXPECT_GE(labels[i].first - labels[i - 1].second, 15) << last << " " << width;
      EXPECT_GE(labels.front().first, 1);
      EXPECT_LE(labels.back().second, width - 2) << last << " " << width;
    }
  }
}

TEST(LinePlot, MissingValuesAreGaps) {
  auto plot = falling_loss();
  plot.series[0].name = "";
  for (int i = 400; i < 600; ++i)
    plot.series[0].y[i] = i % 2 ? std::nan("") : std::numeric_limits<double>::infinity();
  const auto figure = draw_line_plot(plot).pixels().to(at::kInt);
  const auto columns = (figure.amax(0) - figure.amin(0) > 60).any(0);  // the curve alone is colourful
  const auto inked = columns.nonzero().flatten();
  const int64_t first = inked.min().item<int64_t>();
  const int64_t last = inked.max().item<int64_t>();
  const auto share = [&](double part) {
    return first + static_cast<int64_t>(part * static_cast<double>(last - first));
  };
  EXPECT_TRUE(columns.slice(0, first, share(0.39)).all().item<bool>());
  EXPECT_FALSE(columns.slice(0, share(0.41), share(0.59)).any().item<bool>());
  EXPECT_TRUE(columns.slice(0, share(0.61), last).all().item<bool>());
}

TEST(LinePlot, NothingToShowIsSaidInThePicture) {
  for (const bool log_y : {false, true}) {
    LinePlot plot{.title = "empty", .log_y = log_y};
    const auto no_series = draw_line_plot(plot).pixels();
    plot.series = {{"", {}, {}}, {"", {1, 2}, {std::nan(""), -std::numeric_limits<double>::infinity()}}};
    EXPECT_TRUE(at::equal(draw_line_plot(plot).pixels(), no_series));
    EXPECT_LT(no_series.slice(1, 240, 320).slice(2, 420, 520).min().item<int>(), 120)
        << "'no data' in the middle";
  }
}

TEST(LinePlot, LogarithmicAxisSkipsValuesThatAreNotPositive) {
  LinePlot plot{.series = {{"", {0, 1, 2, 3}, {1, 0, -1, 10}}}, .log_y = true};
  LinePlot dots{.series = {{"", {0, 3}, {1, std::nan("")}}, {"", {3}, {10}}}, .log_y = true};
  dots.series = {{"", {0, 1, 3}, {1, std::nan(""), 10}}};
  EXPECT_TRUE(at::equal(draw_line_plot(plot).pixels(), draw_line_plot(dots).pixels()));
}

TEST(Legend, StandsWhereNoCurveIs) {
  const Rect area{0, 0, 400, 300};
  Curve curve{
      .name = "a", .style = {}, .runs = {{{0, 0}, {400, 300}}}};  // from the upper left to the lower right
  const Legend legend = make_legend({curve}, 200, 300);
  EXPECT_EQ(free_place(legend, area, {curve})->y, 8) << "the upper right corner is free";
  EXPECT_GT(free_place(legend, area, {curve})->x, 200);
  curve.runs.push_back({{0, 0}, {395, 5}, {395, 295}});
  EXPECT_LT(free_place(legend, area, {curve})->x, 200) << "only the lower left corner is free";
  EXPECT_GT(free_place(legend, area, {curve})->y, 200);
  for (double y = 0; y < 300; y += 10) curve.runs.push_back({{0, y}, {400, y}});
  EXPECT_FALSE(free_place(legend, area, {curve}).has_value());
}

TEST(Legend, NamesThatDoNotFitBecomeANumber) {
  std::vector<Curve> curves;
  for (int i = 0; i < 30; ++i)
    curves.push_back({.name = "prototype " + std::to_string(i), .style = {}, .runs = {}});
  curves.push_back({.name = "", .style = {}, .runs = {}});
  const Legend legend = make_legend(curves, 200, 10 * line_height(13));
  ASSERT_EQ(legend.entries.size(), 9u);
  EXPECT_EQ(legend.entries.back().first, "and 22 more");
  EXPECT_LE(legend.height, 10 * line_height(13));
  EXPECT_TRUE(make_legend({}, 200, 200).entries.empty());
}

TEST(LinePlot, BandsLiePaleBehindTheirCurve) {
  const LinePlot plot{.series = {{.x = {0, 1}, .y = {1, 1}, .low = {0, 0}, .high = {3, 3}}}};
  const auto figure = draw_line_plot(plot).pixels();
  // 0.22 of the way from white to the curve's colour.
  const auto band = pixels_of_color(figure, {199, 224, 238}), curve = pixels_of_color(figure, kFirstColor);
  EXPECT_GT(band.sum().item<int64_t>(), 200'000);
  const auto rows = [](const at::Tensor& where) { return where.any(1).nonzero().squeeze(1).to(at::kDouble); };
  const double top = rows(band).min().item<double>(), bottom = rows(band).max().item<double>();
  EXPECT_NEAR((bottom - rows(curve).mean().item<double>()) / (bottom - top), 1.0 / 3, 0.01);
}

TEST(LinePlot, BandsWidenTheAxis) {
  LinePlot plot{.series = {{.x = {0, 1}, .y = {1, 1.5}}}};
  const auto height_of = [](const at::Tensor& figure) {
    const auto rows = pixels_of_color(figure, kFirstColor).any(1).nonzero();
    return (rows.max() - rows.min()).item<int64_t>();
  };
  const int64_t alone = height_of(draw_line_plot(plot).pixels());
  plot.series[0].low = {-4, -4};
  plot.series[0].high = {6, 6};
  EXPECT_LT(height_of(draw_line_plot(plot).pixels()), alone / 10);
}

TEST(LinePlot, TheAxisMayReachDownToZero) {
  LinePlot plot{.series = {{.x = {0, 1}, .y = {9, 10}}}};
  plot.from_zero = true;
  const auto rows = pixels_of_color(draw_line_plot(plot).pixels(), kFirstColor).any(1).nonzero();
  EXPECT_LT(rows.max().item<int64_t>(), plot.height / 4);
}

TEST(LinePlot, TimeMayFallFromLeftToRight) {
  LinePlot plot{.series = {{.x = {0, 1}, .y = {0, 1}}}};
  const auto highest_column = [](const at::Tensor& figure) {
    const auto curve = pixels_of_color(figure, kFirstColor);
    const int64_t top = curve.any(1).nonzero().min().item<int64_t>();
    return curve[top].nonzero().min().item<int64_t>();
  };
  EXPECT_GT(highest_column(draw_line_plot(plot).pixels()), plot.width / 2);
  plot.falling_x = true;
  EXPECT_LT(highest_column(draw_line_plot(plot).pixels()), plot.width / 2);
}

}  // namespace
}  // namespace patronus
