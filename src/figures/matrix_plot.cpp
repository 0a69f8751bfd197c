#include "patronus/figures/matrix_plot.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>

#include "figures/plot_style.h"
#include "patronus/core/text.h"
#include "patronus/figures/canvas.h"

namespace patronus {
namespace {

constexpr int64_t kUsualSide = 700;
constexpr int64_t kMostLabelWidth = 180;
constexpr int64_t kScaleWidth = 14;
constexpr Color kUnknown{200, 200, 200};

/// Blue, white and red of about equal weight at both ends (ColorBrewer's RdBu is of this kind).
Color diverging(double value) {
  if (!std::isfinite(value)) return kUnknown;
  const double v = std::clamp(value, -1.0, 1.0), strength = std::abs(v);
  const Color end = v < 0 ? Color{33, 92, 170} : Color{178, 32, 45};
  const auto mixed = [&](uint8_t channel) {
    return static_cast<uint8_t>(std::lround(255 + strength * (static_cast<double>(channel) - 255)));
  };
  return {mixed(end.red), mixed(end.green), mixed(end.blue)};
}

struct MatrixLayout {
  int64_t left, top, cell, rows, columns;
  bool upwards;          // names of columns, which would run into each other side by side
  int64_t names_height;  // below the cells
  int64_t width() const { return columns * cell; }
  int64_t height() const { return rows * cell; }
};

MatrixLayout lay_out_matrix(const MatrixPlot& plot) {
  const int64_t labels = widest_text(plot.row_labels, kTickSize);
  const int64_t names = widest_text(plot.column_labels, kTickSize);
  MatrixLayout layout{};
  layout.rows = plot.values.size(0);
  layout.columns = plot.values.size(1);
  layout.cell = std::clamp<int64_t>(kUsualSide / std::max(layout.rows, layout.columns), 4, 24);
  layout.left = line_height(kAxisTitleSize) + std::min(labels, kMostLabelWidth) + 2 * kGap;
  // Of names that are much wider than a line is high, more find room upright.
  layout.upwards = names + kGap > layout.cell &&
                   (line_height(kTickSize) <= layout.cell || names > 2 * line_height(kTickSize));
  layout.names_height = layout.upwards ? std::min(names, kMostLabelWidth) : line_height(kTickSize);
  layout.top = (plot.title.empty() ? 0 : line_height(kTitleSize)) + 2 * kGap;
  return layout;
}

/// Values [R, C] as pixels [3, R, C]; `limit` and more is the strongest colour.
at::Tensor diverging_pixels(const at::Tensor& values, double limit) {
  const auto in = values.to(at::kCPU, at::kDouble).contiguous();
  auto pixels = at::empty({in.size(0), in.size(1), 3}, at::kByte);
  const double* value = in.const_data_ptr<double>();
  auto* pixel = pixels.data_ptr<uint8_t>();
  for (int64_t i = 0; i < in.numel(); ++i, pixel += 3) {
    const Color color = diverging(value[i] / limit);
    pixel[0] = color.red;
    pixel[1] = color.green;
    pixel[2] = color.blue;
  }
  return pixels.permute({2, 0, 1});
}

void draw_cells(Canvas& canvas, const MatrixPlot& plot, const MatrixLayout& layout) {
  canvas.draw_image(diverging_pixels(plot.values, plot.limit), layout.left, layout.top, layout.cell);
  canvas.outline_rect({layout.left - 1, layout.top - 1, layout.width() + 2, layout.height() + 2}, kAxisColor);
}

/// Every how many cells one is named, so that lines of `needed` pixels do not run into each other.
int64_t label_stride(int64_t cell, int64_t needed) {
  return (needed + cell - 1) / cell;
}

void draw_names(Canvas& canvas, const MatrixPlot& plot, const MatrixLayout& layout) {
  const auto middle = [&](int64_t start, size_t i) {
    return static_cast<double>(start) + (static_cast<double>(i) + 0.5) * static_cast<double>(layout.cell);
  };
  const auto rows = static_cast<size_t>(label_stride(layout.cell, line_height(kTickSize)));
  for (size_t r = 0; r < plot.row_labels.size(); r += rows) {
    canvas.draw_text(fit_text(plot.row_labels[r], kTickSize, kMostLabelWidth),
                     {static_cast<double>(layout.left - kGap), middle(layout.top, r)},
                     {.size = kTickSize, .align = Align::kEnd});
  }
  const double y = static_cast<double>(layout.top + layout.height() + kGap);
  if (layout.upwards) {
    const auto columns = static_cast<size_t>(label_stride(layout.cell, line_height(kTickSize)));
    for (size_t c = 0; c < plot.column_labels.size(); c += columns) {
      canvas.draw_text(fit_text(plot.column_labels[c], kTickSize, kMostLabelWidth),
                       {middle(layout.left, c), y},
                       {.size = kTickSize, .align = Align::kEnd, .upwards = true});
    }
    return;
  }
  const auto columns =
      static_cast<size_t>(label_stride(layout.cell, widest_text(plot.column_labels, kTickSize) + kGap));
  for (size_t c = 0; c < plot.column_labels.size(); c += columns) {
    canvas.draw_text(plot.column_labels[c], {middle(layout.left, c), y + kTickSize / 2},
                     {.size = kTickSize, .align = Align::kCenter});
  }
}

void draw_titles(Canvas& canvas, const MatrixPlot& plot, const MatrixLayout& layout) {
  // In the middle of the cells or, where these are few, from their beginning on.
  const double half_x = static_cast<double>(text_width(plot.x_label, kAxisTitleSize)) / 2;
  const double half_y = static_cast<double>(text_width(plot.y_label, kAxisTitleSize)) / 2;
  const double center = std::max(static_cast<double>(layout.left) + static_cast<double>(layout.width()) / 2,
                                 static_cast<double>(kGap + line_height(kAxisTitleSize)) + half_x);
  const double middle =
      static_cast<double>(layout.top) + std::max(static_cast<double>(layout.height()) / 2, half_y);
  const double bottom = static_cast<double>(layout.top + layout.height());
  canvas.draw_text(plot.title,
                   {static_cast<double>(kGap), kGap + static_cast<double>(line_height(kTitleSize)) / 2},
                   {.size = kTitleSize});
  canvas.draw_text(
      plot.x_label,
      {center, bottom + static_cast<double>(layout.names_height + kGap + kGap / 2) + kAxisTitleSize / 2},
      {.size = kAxisTitleSize, .align = Align::kCenter});
  canvas.draw_text(plot.y_label, {kGap + kAxisTitleSize / 2, middle},
                   {.size = kAxisTitleSize, .align = Align::kCenter, .upwards = true});
}

void draw_scale(Canvas& canvas, const MatrixPlot& plot, const MatrixLayout& layout) {
  const int64_t x = layout.left + layout.width() + 2 * kGap, height = std::min<int64_t>(layout.height(), 200);
  const auto values = at::linspace(1, -1, height).view({height, 1}).expand({height, kScaleWidth});
  canvas.draw_image(diverging_pixels(values, 1), x, layout.top);
  for (const double value : {1.0, 0.0, -1.0}) {
    canvas.draw_text(decimal(value * plot.limit),
                     {static_cast<double>(x + kScaleWidth + kGap / 2),
                      static_cast<double>(layout.top) + (1 - value) / 2 * static_cast<double>(height - 1)},
                     {.size = kTickSize});
  }
}

}  // namespace

Canvas draw_matrix(const MatrixPlot& plot) {
  const MatrixLayout layout = lay_out_matrix(plot);
  const int64_t below = layout.names_height + line_height(kAxisTitleSize) + 2 * kGap;
  const int64_t scale = kScaleWidth + 4 * kGap + text_width("-0.00", kTickSize);
  const int64_t width =
      std::max({layout.left + layout.width() + scale, text_width(plot.title, kTitleSize) + 2 * kGap,
                line_height(kAxisTitleSize) + text_width(plot.x_label, kAxisTitleSize) + 2 * kGap});
  const int64_t height = std::max(layout.top + layout.height() + below,
                                  layout.top + text_width(plot.y_label, kAxisTitleSize) + kGap);
  Canvas canvas(width, height);
  draw_cells(canvas, plot, layout);
  draw_names(canvas, plot, layout);
  draw_titles(canvas, plot, layout);
  draw_scale(canvas, plot, layout);
  return canvas;
}

}  // namespace patronus
