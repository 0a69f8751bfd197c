#include "patronus/figures/bar_plot.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <cmath>

#include "figures/axis.h"
#include "figures/legend.h"
#include "figures/plot_style.h"
#include "figures/text_lines.h"
#include "patronus/figures/canvas.h"

namespace patronus {
namespace {

constexpr int64_t kBarHeight = 9;

/// Positions and sizes in pixels.
struct BarLayout {
  std::vector<std::string> title;
  int64_t names;  // width of the category names
  int64_t whole;  // width of the figure
  int64_t left, top, width, height;
  int64_t group;  // height of a category, including its gap
  Axis axis;

  double x(double value) const {
    return static_cast<double>(left) +
           std::clamp(axis.position(value), 0.0, 1.0) * static_cast<double>(width);
  }
};

BarLayout lay_out_bars(const BarPlot& plot) {
  BarLayout layout{};
  layout.names = names_width(plot.categories, kSmallSize, plot.label_width);
  layout.whole = plot.width + std::max<int64_t>(0, layout.names - plot.label_width);
  layout.title = title_lines(plot.title, layout.whole - 2 * kGap);
  layout.left = layout.names + 3 * kGap;
  layout.top = lines_height(layout.title, kTitleSize) + line_height(kSmallSize) + 3 * kGap;
  layout.width = std::max<int64_t>(1, layout.whole - layout.left - 3 * kGap);
  layout.group = std::ssize(plot.series) * kBarHeight + kGap;
  layout.height = std::ssize(plot.categories) * layout.group;
  layout.axis = make_axis(plot.start, plot.end, false, 0, [&](const Axis& axis) {
    return axis.ticks.size() <= 8 && labels_fit(axis, widest_label(axis), kGap, layout.width);
  });
  return layout;
}

void draw_bar_frame(Canvas& canvas, const BarPlot& plot, const BarLayout& layout) {
  const int64_t bottom = layout.top + layout.height;
  for (const auto& tick : layout.axis.ticks) {
    const double x = layout.x(tick.value);
    canvas.fill_rect({std::lround(x), layout.top, 1, layout.height}, kGridColor);
    canvas.draw_text(tick.label, {x + 0.5, static_cast<double>(bottom + kGap) + kSmallSize * 0.6},
                     {.size = kSmallSize, .align = Align::kCenter});
  }
  for (size_t c = 0; c < plot.categories.size(); ++c) {
    const double middle = static_cast<double>(layout.top + static_cast<int64_t>(c) * layout.group) +
                          static_cast<double>(layout.group) / 2;
    canvas.draw_text(fit_text(plot.categories[c], kSmallSize, layout.names),
                     {static_cast<double>(layout.left - kGap), middle},
                     {.size = kSmallSize, .align = Align::kEnd});
  }
  const double center = static_cast<double>(layout.left) + static_cast<double>(layout.width) / 2;
  draw_lines(canvas, layout.title, center_within(center, widest_text(layout.title, kTitleSize), layout.whole),
             kGap, {.size = kTitleSize, .align = Align::kCenter});
  canvas.draw_text(plot.x_label,
                   {center_within(center, text_width(plot.x_label, kLabelSize), layout.whole),
                    static_cast<double>(bottom + line_height(kSmallSize) + 2 * kGap) + kLabelSize / 2},
                   {.size = kLabelSize, .align = Align::kCenter});
  canvas.fill_rect({layout.left, layout.top, 1, layout.height}, kAxisColor);
}

/// Draws the bars of one series. `number`: index of the series, which sets its colour and its place in each
/// group.
void draw_bars(Canvas& canvas, const Bars& bars, size_t number, double base, const BarLayout& layout) {
  for (size_t c = 0; c < bars.values.size(); ++c) {
    if (!std::isfinite(bars.values[c])) continue;
    const int64_t y = layout.top + static_cast<int64_t>(c) * layout.group + kGap / 2 +
                      static_cast<int64_t>(number) * kBarHeight;
    const auto [from, to] = std::minmax({std::lround(layout.x(base)), std::lround(layout.x(bars.values[c]))});
    canvas.fill_rect({from, y, to - from, kBarHeight - 1}, kPalette[number]);
    if (bars.deviations.empty() || bars.deviations[c] == 0) continue;
    const double middle = static_cast<double>(y) + static_cast<double>(kBarHeight - 1) / 2;
    const std::array whisker{Point{layout.x(bars.values[c] - bars.deviations[c]), middle},
                             Point{layout.x(bars.values[c] + bars.deviations[c]), middle}};
    canvas.draw_line(whisker, {kInk, 1.2});
  }
}

/// Draws the names of the series in a row above the bars, each after a box in its colour.
void draw_bar_names(Canvas& canvas, const BarPlot& plot, const BarLayout& layout) {
  std::vector<std::string> names;
  for (const auto& bars : plot.series) names.push_back(bars.name);
  const int64_t start = std::min(layout.left, layout.whole - legend_row_width(names) - kGap);
  draw_legend_row(canvas, names, start, layout.top - line_height(kSmallSize) - kGap / 2);
}

}  // namespace

Canvas draw_bar_plot(const BarPlot& plot) {
  TORCH_CHECK(plot.series.size() <= kPalette.size(), "draw_bar_plot: ", plot.series.size(), " series");
  for (const auto& bars : plot.series) {
    TORCH_CHECK(bars.values.size() == plot.categories.size(), "draw_bar_plot: series '", bars.name, "' has ",
                bars.values.size(), " values for ", plot.categories.size(), " categories");
  }
  const BarLayout layout = lay_out_bars(plot);
  const int64_t below =
      line_height(kSmallSize) + (plot.x_label.empty() ? 0 : line_height(kLabelSize)) + 3 * kGap;
  Canvas canvas(layout.whole, layout.top + layout.height + below);
  draw_bar_frame(canvas, plot, layout);
  for (size_t s = 0; s < plot.series.size(); ++s)
    draw_bars(canvas, plot.series[s], s, std::max(plot.base, plot.start), layout);
  draw_bar_names(canvas, plot, layout);
  return canvas;
}

}  // namespace patronus
