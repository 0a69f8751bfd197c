#include "patronus/figures/line_plot.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/inked_columns.h"

namespace patronus {
namespace {

/// Pixels [H, W] of exactly this colour.
at::Tensor pixels_of_color(const at::Tensor& figure, const Color& color) {
  return (figure[0] == color.red) & (figure[1] == color.green) & (figure[2] == color.blue);
}

constexpr Color kFirstColor{0, 114, 178};
constexpr Color kSecondColor{213, 94, 0};

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

TEST(Density, IsTheShareOfValuesInEachBinByItsWidth) {
  // Halves of -1.95 and 3.95: the middles of the first and the last of 40 bins between -2 and 4.
  const Series two = density("two", at::tensor({-1.95, 3.95, -1.95, 3.95}), -2, 4);
  ASSERT_EQ(two.x.size(), 40u);
  EXPECT_EQ(two.name, "two");
  EXPECT_NEAR(two.x.front(), -1.925, 1e-12);
  EXPECT_NEAR(two.x.back(), 3.925, 1e-12);
  EXPECT_NEAR(two.y.front(), 0.5 / 0.15, 1e-5);
  EXPECT_NEAR(two.y.back(), 0.5 / 0.15, 1e-5);
  for (size_t bin = 1; bin < 39; ++bin) EXPECT_EQ(two.y[bin], 0) << bin;
  double mass = 0;
  for (const double y : density("three", at::tensor({0.0, 0.5, 9.0, -9.0}).view({2, 2}), -1, 1).y)
    mass += y * 0.05;
  EXPECT_NEAR(mass, 0.5, 1e-6) << "what lies outside is missing";
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
      const auto labels = test::inked_columns(draw_line_plot(plot).pixels().slice(1, plot.height - 22), 6);
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

TEST(LinePlot, MarksShowWhereTheFewPointsOfACurveAre) {
  LinePlot plot{.series = {{.x = {0, 1, 2}, .y = {1, 1, 1}}}};
  const auto height_at = [&](double part) {
    const auto curve = pixels_of_color(draw_line_plot(plot).pixels(), kFirstColor);
    const auto columns = curve.any(0).nonzero().squeeze(1);
    const auto place = static_cast<int64_t>(part * static_cast<double>(columns.size(0) - 1));
    return curve.select(1, columns[place].item<int64_t>()).sum().item<int64_t>();
  };
  const int64_t line = height_at(0.5);
  EXPECT_EQ(height_at(0.25), line);
  plot.series[0].marks = true;
  EXPECT_GT(height_at(0.5), line + 1);
  EXPECT_EQ(height_at(0.25), line) << "between two points";
}

TEST(LinePlot, NothingToShowIsSaidInThePicture) {
  for (const bool log_y : {false, true}) {
    LinePlot plot{.title = "empty", .log_y = log_y, .width = 900, .height = 560};
    const auto no_series = draw_line_plot(plot).pixels();
    plot.series = {{"", {}, {}}, {"", {1, 2}, {std::nan(""), -std::numeric_limits<double>::infinity()}}};
    EXPECT_TRUE(at::equal(draw_line_plot(plot).pixels(), no_series));
    EXPECT_LT(no_series.slice(1, 240, 320).slice(2, 420, 520).min().item<int>(), 120)
        << "'no data' in the middle";
    EXPECT_TRUE((no_series.slice(1, 535) == 255).all().item<bool>()) << "no numbers at an axis without any";
    plot.empty = "nothing emerges, and that takes more room";
    EXPECT_LT(draw_line_plot(plot).pixels().slice(1, 240, 320).slice(2, 330, 400).min().item<int>(), 120);
  }
}

TEST(LinePlot, LogarithmicAxisSkipsValuesThatAreNotPositive) {
  LinePlot plot{.series = {{"", {0, 1, 2, 3}, {1, 0, -1, 10}}}, .log_y = true};
  LinePlot dots{.series = {{"", {0, 3}, {1, std::nan("")}}, {"", {3}, {10}}}, .log_y = true};
  dots.series = {{"", {0, 1, 3}, {1, std::nan(""), 10}}};
  EXPECT_TRUE(at::equal(draw_line_plot(plot).pixels(), draw_line_plot(dots).pixels()));
}

TEST(LinePlot, BandsLiePaleBehindTheirCurve) {
  const LinePlot plot{
      .series = {{.x = {0, 1}, .y = {1, 1}, .low = {0, 0}, .high = {3, 3}}}, .width = 900, .height = 560};
  const auto figure = draw_line_plot(plot).pixels();
  // 0.22 of the way from white to the curve's colour.
  const auto band = pixels_of_color(figure, {199, 224, 238}), curve = pixels_of_color(figure, kFirstColor);
  EXPECT_GT(band.sum().item<int64_t>(), 200'000);
  const auto rows = [](const at::Tensor& where) { return where.any(1).nonzero().squeeze(1).to(at::kDouble); };
  const double top = rows(band).min().item<double>(), bottom = rows(band).max().item<double>();
  EXPECT_NEAR((bottom - rows(curve).mean().item<double>()) / (bottom - top), 1.0 / 3, 0.01);
}

TEST(LinePlot, ItsLegendSaysWhatBandsAreWhereThereAreAny) {
  LinePlot plot{.series = {{.name = "own", .x = {0, 1}, .y = {1, 1}, .low = {0, 0}, .high = {3, 3}}},
                .bands = "95 % interval"};
  const auto key = [&] {
    return pixels_of_color(draw_line_plot(plot).pixels(), {210, 210, 210}).sum().item<int64_t>();
  };
  EXPECT_GE(key(), 22 * 10);
  plot.series[0].low = plot.series[0].high = {};
  EXPECT_LT(key(), 50) << "edges of letters";
}

TEST(LinePlot, AFaintCurveIsGrayAndLiesBehindTheOthers) {
  LinePlot plot{.series = {{.x = {0, 1}, .y = {1, 1}}, {.x = {0, 1}, .y = {1, 1}, .faint = true}}};
  const auto figure = draw_line_plot(plot).pixels();
  EXPECT_GT(pixels_of_color(figure, kFirstColor).sum().item<int64_t>(), 300);
  EXPECT_FALSE(pixels_of_color(figure, kSecondColor).any().item<bool>());
}

TEST(LinePlot, ItsLegendHidesNoBand) {
  LinePlot plot{.series = {{.name = "a", .x = {0, 1}, .y = {0, 0}}}};
  const auto curve_width = [&] {
    return pixels_of_color(draw_line_plot(plot).pixels(), kFirstColor).sum(1).max().item<int64_t>();
  };
  const int64_t alone = curve_width();
  for (double x = 0; x <= 1; x += 0.05) {
    plot.series[0].x.push_back(x);
    plot.series[0].y.push_back(0);
  }
  for (size_t i = 0; i < plot.series[0].x.size(); ++i) {
    plot.series[0].low.push_back(i % 2 ? -1 : 0);
    plot.series[0].high.push_back(i % 2 ? 1 : 0);
  }
  EXPECT_LT(curve_width(), alone) << "it stands beside it";
}

TEST(LinePlot, ALongTitleHasSeveralLines) {
  LinePlot plot{.series = {{.x = {0, 1}, .y = {1, 1}}}, .title = "Loss"};
  const auto top_of_curve = [&] {
    return pixels_of_color(draw_line_plot(plot).pixels(), kFirstColor).any(1).nonzero().min().item<int64_t>();
  };
  const int64_t one = top_of_curve();
  plot.title =
      "Loss of a training that went on for longer than anybody who has ever seen it thought it would";
  EXPECT_GT(top_of_curve(), one);
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
  const int64_t among_bands = height_of(draw_line_plot(plot).pixels());
  EXPECT_LT(among_bands, alone / 10);
  plot.bands_end = 2;
  EXPECT_GT(height_of(draw_line_plot(plot).pixels()), among_bands * 5 / 4) << "cut";
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
