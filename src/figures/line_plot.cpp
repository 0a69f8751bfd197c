#include "patronus/figures/line_plot.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "figures/axis.h"
#include "figures/legend.h"
#include "figures/plot_style.h"
#include "figures/text_lines.h"
#include "patronus/core/to_vector.h"

namespace patronus {
namespace {

constexpr double kCurveWidth = 1.8;
constexpr Color kMinorGridColor{242, 242, 242};

struct Interval {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
};

/// Area of the curves, in pixels, and the axes that map values to it.
struct Panel {
  Rect area;
  Axis x;
  Axis y;
  bool falling_x = false;

  Point center() const {
    return {static_cast<double>(area.x) + static_cast<double>(area.width) / 2,
            static_cast<double>(area.y) + static_cast<double>(area.height) / 2};
  }
  double x_pixel(double value) const {
    const double position = falling_x ? 1 - x.position(value) : x.position(value);
    return static_cast<double>(area.x) + position * static_cast<double>(area.width);
  }
  double y_pixel(double value) const {
    return static_cast<double>(area.y) + (1 - y.position(value)) * static_cast<double>(area.height);
  }
};

std::vector<Polyline> visible_polylines(const Series& series, bool log_y) {
  TORCH_CHECK(series.x.size() == series.y.size(), "series '", series.name, "': x and y differ in length");
  std::vector<Polyline> polylines(1);
  for (size_t i = 0; i < series.x.size(); ++i) {
    const Point point{series.x[i], series.y[i]};
    if (std::isfinite(point.x) && std::isfinite(point.y) && (point.y > 0 || !log_y)) {
      polylines.back().push_back(point);
      if (series.dots) polylines.emplace_back();
    } else if (!polylines.back().empty()) {
      polylines.emplace_back();
    }
  }
  if (polylines.back().empty()) polylines.pop_back();
  return polylines;
}

Color color_at(size_t place) {
  return kPalette[place % kPalette.size()];
}

LineStyle line_style(const Series& series, size_t place) {
  constexpr Color kFaint{190, 190, 190};
  constexpr size_t kFew = 100;  // up to this number, dots are large
  const Color color = series.faint ? kFaint : color_at(place);
  if (series.dots) return {color, (series.x.size() <= kFew ? 4 : 1.5) * kCurveWidth};
  return {color, series.faint ? 1 : kCurveWidth};
}

std::vector<Curve> visible_curves(const LinePlot& plot) {
  std::vector<Curve> curves;
  for (const auto& series : plot.series) {
    curves.push_back(
        {series.name, line_style(series, curves.size()), visible_polylines(series, plot.log_y), series.dots});
  }
  return curves;
}

/// Range of one coordinate over all curves. Without any point: 0 to 1, or 0.1 to 1 on a logarithmic axis.
Interval span_of(const std::vector<Curve>& curves, double Point::*coordinate, bool logarithmic) {
  Interval span;
  for (const auto& curve : curves) {
    for (const auto& run : curve.polylines) {
      for (const auto& point : run) {
        span.low = std::min(span.low, point.*coordinate);
        span.high = std::max(span.high, point.*coordinate);
      }
    }
  }
  return span.low <= span.high ? span : Interval{logarithmic ? 0.1 : 0.0, 1.0};
}

/// Adds the edges of the bands to the curves.
std::vector<Curve> with_edges(std::vector<Curve> curves, const LinePlot& plot) {
  for (const auto& series : plot.series) {
    for (const auto* edge : {&series.low, &series.high}) {
      if (!edge->empty())
        curves.push_back({"", {}, visible_polylines({.x = series.x, .y = *edge}, plot.log_y)});
    }
  }
  return curves;
}

/// Fits the panel between the title and the labels of the axes. `right_space`: pixels at the right for a
/// legend; 0: only a margin.
Panel make_panel(const LinePlot& plot, const std::vector<Curve>& curves, int64_t right_space) {
  const auto title = title_lines(plot.title, plot.width - 2 * kGap);
  const int64_t top = lines_height(title, kTitleSize) + 2 * kGap;
  const int64_t bottom =
      line_height(kSmallSize) + (plot.x_label.empty() ? 0 : line_height(kLabelSize)) + 2 * kGap;
  Panel panel;
  panel.falling_x = plot.falling_x;
  panel.area = {.x = 0, .y = top, .width = 0, .height = std::max<int64_t>(1, plot.height - top - bottom)};
  auto y_span = span_of(with_edges(curves, plot), &Point::y, plot.log_y);
  y_span.high = std::min(y_span.high, std::max(plot.bands_end, span_of(curves, &Point::y, plot.log_y).high));
  if (plot.from_zero) y_span.low = std::min(y_span.low, 0.0);
  panel.y = make_axis(y_span.low, y_span.high, plot.log_y, 0.05, [&](const Axis& axis) {
    return labels_fit(axis, line_height(kSmallSize), 2 * kGap, panel.area.height);
  });
  panel.area.x = widest_label(panel.y) + (plot.y_label.empty() ? 0 : line_height(kLabelSize)) + 3 * kGap;
  const int64_t right = right_space > 0 ? right_space : 3 * kGap;
  panel.area.width = std::max<int64_t>(1, plot.width - panel.area.x - right);
  const auto x_span = span_of(curves, &Point::x, false);
  panel.x = make_axis(x_span.low, x_span.high, false, 0.02, [&](const Axis& axis) {
    return labels_fit(axis, widest_label(axis), 3 * kGap, panel.area.width);
  });
  return panel;
}

std::vector<Curve> in_pixels(std::vector<Curve> curves, const Panel& panel) {
  for (auto& curve : curves) {
    for (auto& run : curve.polylines) {
      for (auto& point : run) point = {panel.x_pixel(point.x), panel.y_pixel(point.y)};
    }
  }
  return curves;
}

int64_t whole(double value) {
  return static_cast<int64_t>(std::lround(value));
}

void draw_grid_lines(Canvas& canvas, const Panel& panel) {
  const auto& area = panel.area;
  for (const double value : panel.y.minor_values) {
    canvas.fill_rect({area.x, whole(panel.y_pixel(value)), area.width, 1}, kMinorGridColor);
  }
  for (const auto& tick : panel.y.ticks) {
    canvas.fill_rect({area.x, whole(panel.y_pixel(tick.value)), area.width, 1}, kGridColor);
  }
  for (const auto& tick : panel.x.ticks) {
    canvas.fill_rect({whole(panel.x_pixel(tick.value)), area.y, 1, area.height}, kGridColor);
  }
}

void draw_axes(Canvas& canvas, const Panel& panel) {
  constexpr int64_t kTickLength = 5;
  const auto& area = panel.area;
  const int64_t bottom = area.y + area.height;
  canvas.fill_rect({area.x, area.y, 1, area.height + 1}, kAxisColor);
  canvas.fill_rect({area.x, bottom, area.width, 1}, kAxisColor);
  for (const auto& tick : panel.y.ticks) {
    const int64_t y = whole(panel.y_pixel(tick.value));
    canvas.fill_rect({area.x - kTickLength, y, kTickLength, 1}, kAxisColor);
    canvas.draw_text(tick.label, {static_cast<double>(area.x - kGap), static_cast<double>(y) + 0.5},
                     {.size = kSmallSize, .align = Align::kEnd});
  }
  for (const auto& tick : panel.x.ticks) {
    const int64_t x = whole(panel.x_pixel(tick.value));
    canvas.fill_rect({x, bottom + 1, 1, kTickLength}, kAxisColor);
    canvas.draw_text(tick.label,
                     {static_cast<double>(x) + 0.5, static_cast<double>(bottom + kGap) + kSmallSize * 0.6},
                     {.size = kSmallSize, .align = Align::kCenter});
  }
}

void draw_titles(Canvas& canvas, const LinePlot& plot, const Panel& panel) {
  const auto [center, middle] = panel.center();
  const auto title = title_lines(plot.title, plot.width - 2 * kGap);
  draw_lines(canvas, title, center_within(center, widest_text(title, kTitleSize), plot.width), kGap,
             {.size = kTitleSize, .align = Align::kCenter});
  const auto x_label = fit_text(plot.x_label, kLabelSize, plot.width - 2 * kGap);
  canvas.draw_text(x_label,
                   {center_within(center, text_width(x_label, kLabelSize), plot.width),
                    static_cast<double>(plot.height) - kGap - kLabelSize / 2},
                   {.size = kLabelSize, .align = Align::kCenter});
  const auto y_label = fit_text(plot.y_label, kLabelSize, plot.height - 2 * kGap);
  canvas.draw_text(
      y_label, {kGap + kLabelSize / 2, center_within(middle, text_width(y_label, kLabelSize), plot.height)},
      {.size = kLabelSize, .align = Align::kCenter, .upwards = true});
}

/// Draws bands from `low` to `high`: translucent, so that overlapping bands are visible; cut at the top of
/// the panel; with gaps where an edge is not finite.
void draw_bands(Canvas& canvas, const LinePlot& plot, const Panel& panel) {
  constexpr double kBandOpacity = 0.22;
  const auto top = static_cast<double>(panel.area.y);
  for (size_t number = 0; number < plot.series.size(); ++number) {
    const auto& series = plot.series[number];
    std::vector<Point> lower, upper;
    const auto draw_run = [&] {
      lower.insert(lower.end(), upper.rbegin(), upper.rend());
      canvas.fill_polygon(lower, color_at(number), kBandOpacity);
      lower.clear();
      upper.clear();
    };
    for (size_t i = 0; i < series.low.size(); ++i) {
      const double x = panel.x_pixel(series.x[i]);
      const double low = panel.y_pixel(series.low[i]), high = panel.y_pixel(series.high[i]);
      if (std::isfinite(x) && std::isfinite(low) && std::isfinite(high)) {
        lower.push_back({x, std::max(top, low)});
        upper.push_back({x, std::max(top, high)});
      } else {
        draw_run();
      }
    }
    draw_run();
  }
}

bool is_empty(const std::vector<Curve>& curves) {
  return std::all_of(curves.begin(), curves.end(),
                     [](const Curve& curve) { return curve.polylines.empty(); });
}

void draw_curve(Canvas& canvas, const Curve& curve, bool marks) {
  const LineStyle dot{curve.style.color, curve.dots ? curve.style.width : 3 * curve.style.width};
  for (const auto& run : curve.polylines) {
    if (run.size() > 1) canvas.draw_line(run, curve.style);
    if (run.size() > 1 && !marks) continue;
    for (const Point& point : run) canvas.draw_line({&point, 1}, dot);
  }
}

/// Draws the faint curves first, behind the others.
void draw_curves(Canvas& canvas, const LinePlot& plot, const std::vector<Curve>& curves, const Panel& panel) {
  const auto drawn = in_pixels(curves, panel);
  for (const bool faint : {true, false}) {
    for (size_t number = 0; number < drawn.size(); ++number) {
      const Series& series = plot.series[number];
      if (series.faint == faint) draw_curve(canvas, drawn[number], series.marks);
    }
  }
}

}  // namespace

Series density(const std::string& name, const at::Tensor& values, double low, double high) {
  constexpr int64_t kBins = 40;
  const double width = (high - low) / kBins;
  const auto counts = at::histc(values.to(at::kFloat), kBins, low, high);
  return {.name = name,
          .x = to_vector(low + width * (at::arange(kBins, at::kDouble) + 0.5)),
          .y = to_vector(counts / (static_cast<double>(values.numel()) * width))};
}

Canvas draw_line_plot(const LinePlot& plot) {
  const auto curves = visible_curves(plot);
  Canvas canvas(plot.width, plot.height);
  Panel panel = make_panel(plot, curves, 0);
  const bool has_bands =
      std::ranges::any_of(plot.series, [](const auto& series) { return !series.low.empty(); });
  const Legend legend =
      make_legend(curves, has_bands ? plot.bands : "", 2 * plot.width / 5, panel.area.height);
  auto legend_place = find_legend_position(legend, panel.area, in_pixels(with_edges(curves, plot), panel));
  if (!legend_place && !legend.entries.empty()) {  // no free place: beside the panel
    panel = make_panel(plot, curves, legend.width + 2 * kGap);
    legend_place = Rect{plot.width - legend.width - kGap, panel.area.y, legend.width, legend.height};
  }
  if (is_empty(curves)) {
    panel.x = panel.y = {};  // no ticks without data
    canvas.draw_text(plot.empty, panel.center(), {.color = kAxisColor, .align = Align::kCenter});
  }
  draw_bands(canvas, plot, panel);
  draw_grid_lines(canvas, panel);
  draw_curves(canvas, plot, curves, panel);
  draw_axes(canvas, panel);
  draw_titles(canvas, plot, panel);
  if (!legend.entries.empty()) draw_legend(canvas, legend, *legend_place);
  return canvas;
}

}  // namespace patronus
