#include "patronus/figures/bar_plot.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <limits>

#include "figures/plot_style.h"

namespace patronus {
namespace {

BarPlot two_series() {
  return {
      .categories = {"hat", "smile", "glasses"},
      .series = {{.name = "ours", .values = {1.0, 0.5, 0.75}}, {.name = "pca", .values = {0.5, 1.0, 0.6}}},
      .start = 0.5};
}

/// Pixels of this series' colour: bool [H, W].
at::Tensor pixels_of(const at::Tensor& picture, size_t series) {
  const Color color = kPalette[series];
  return (picture[0] == color.red)
      .logical_and(picture[1] == color.green)
      .logical_and(picture[2] == color.blue);
}

TEST(BarPlot, BarsAreAsLongAsTheirValuesFromTheStart) {
  const auto picture = draw_bar_plot(two_series()).pixels();
  EXPECT_EQ(picture.size(2), 560);
  // The legend's swatch is shorter than any bar that shows.
  const auto rows = pixels_of(picture, 0).sum(1);
  const auto longest = rows.max().item<int64_t>();
  EXPECT_GT(longest, 350);
  const auto half = (rows > longest * 0.49).logical_and(rows < longest * 0.51).sum().item<int64_t>();
  const auto full = (rows == longest).sum().item<int64_t>();
  EXPECT_GT(full, 0);
  EXPECT_EQ(half, full) << "0.75 is half way from 0.5 to 1; 0.5 has no bar";
}

TEST(BarPlot, BarsOfNegativeValuesGoTheOtherWayFromZero) {
  BarPlot plot{.categories = {"up", "down"}, .series = {{.values = {0.5, -0.5}}}, .start = -1, .end = 1};
  const auto bars = pixels_of(draw_bar_plot(plot).pixels(), 0);
  const auto columns_of = [&](int64_t number) {  // of the first or last row that has a bar
    const auto rows = bars.any(1).nonzero().squeeze(1);
    return bars[rows[number]].nonzero().squeeze(1);
  };
  const auto up = columns_of(0), down = columns_of(-1);
  EXPECT_NEAR(up.min().item<int64_t>(), down.max().item<int64_t>(), 1) << "both begin at 0";
  EXPECT_NEAR(up.numel(), down.numel(), 1);
}

TEST(BarPlot, AValueThatIsNotANumberHasNoBar) {
  BarPlot plot = two_series();
  const auto before = pixels_of(draw_bar_plot(plot).pixels(), 1).sum().item<int64_t>();
  plot.series[1].values[1] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_LT(pixels_of(draw_bar_plot(plot).pixels(), 1).sum().item<int64_t>(), before / 2);
}

TEST(BarPlot, GrowsWithItsCategories) {
  BarPlot plot = two_series();
  const auto height = draw_bar_plot(plot).pixels().size(1);
  plot.categories.push_back("a very long attribute name that does not fit beside the bars at all");
  for (auto& bars : plot.series) bars.values.push_back(0.9);
  EXPECT_GT(draw_bar_plot(plot).pixels().size(1), height);
  EXPECT_EQ(draw_bar_plot(plot).width(), 560);
}

TEST(BarPlot, IsWiderWhereShortenedNamesWouldBeAlike) {
  BarPlot plot = two_series();
  const std::string same = "a name that is far too long to stand beside the bars",
                    end = " of this plot, whole";
  plot.categories = {same + " x" + end, same + " y" + end, "hat"};
  const int64_t longer = text_width(plot.categories[0], kSmallSize) - plot.label_width;
  EXPECT_NEAR(static_cast<double>(draw_bar_plot(plot).width()), static_cast<double>(560 + longer), 1);
}

TEST(BarPlot, DeviationsAreWhiskers) {
  BarPlot plot = two_series();
  const auto ink = [](const at::Tensor& picture) {
    return (picture.to(at::kInt).sum(0) < 250).sum().item<int64_t>();
  };
  const auto before = ink(draw_bar_plot(plot).pixels());
  plot.series[0].deviations = {0.05, 0.05, 0.1};
  EXPECT_GT(ink(draw_bar_plot(plot).pixels()), before + 50);
}

}  // namespace
}  // namespace patronus
