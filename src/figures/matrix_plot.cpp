#include "patronus/figures/matrix_plot.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>

#include "figures/axis.h"
#include "figures/plot_style.h"
#include "figures/text_lines.h"
#include "patronus/core/text.h"
#include "patronus/figures/canvas.h"

namespace patronus {
namespace {

constexpr int64_t kUsualSide = 560;
constexpr int64_t kMaxLabelWidth = 180;
constexpr int64_t kScaleWidth = 14;
constexpr Color kUnknownColor{200, 200, 200};
constexpr const char* kUnknownText = "unknown";

bool has_unknown(const MatrixPlot& plot) {
  return !plot.values.isfinite().all().item<bool>();
}

/// Colours from blue (-1) over white (0) to red (1), about equally strong at both ends, as in ColorBrewer's
/// RdBu.
Color diverging(double value) {
  if (!std::isfinite(value)) return kUnknownColor;
  const double v = std::clamp(value, -1.0, 1.0), strength = std::abs(v);
  const Color end = v < 0 ? Color{33, 92, 170} : Color{178, 32, 45};
  const auto mixed = [&](uint8_t channel) {
    return static_cast<uint8_t>(std::lround(255 + strength * (static_cast<double>(channel) - 255)));
  };
  return {mixed(end.red), mixed(end.green), mixed(end.blue)};
}

struct MatrixLayout {
  std::vector<std::string> title;
  int64_t left, top, cell, rows, columns;
  int64_t row_names, column_names;  // largest widths in pixels
  bool upwards;                     // whether column names are rotated, so that they do not overlap
  int64_t names_height;             // of column names, below the cells
  int64_t width() const { return columns * cell; }
  int64_t height() const { return rows * cell; }
};

/// Width in pixels of the colour scale, its labels and gaps.
int64_t scale_width(const MatrixPlot& plot) {
  return kScaleWidth + 4 * kGap + text_width(has_unknown(plot) ? kUnknownText : "−0.00", kSmallSize);
}

MatrixLayout lay_out_matrix(const MatrixPlot& plot) {
  const int64_t names = names_width(plot.column_labels, kSmallSize, kMaxLabelWidth);
  MatrixLayout layout{};
  layout.rows = plot.values.size(0);
  layout.columns = plot.values.size(1);
  layout.cell = std::clamp<int64_t>(kUsualSide / std::max(layout.rows, layout.columns), 4, 24);
  layout.row_names = names_width(plot.row_labels, kSmallSize, kMaxLabelWidth);
  layout.column_names = names;
  layout.left = line_height(kLabelSize) + layout.row_names + 5 * kGap / 2;
  // Names wider than a cell are rotated if this shows more of them: if a cell is as wide as a line is high,
  // or if names are wider than two lines.
  layout.upwards = names + kGap > layout.cell &&
                   (line_height(kSmallSize) <= layout.cell || names > 2 * line_height(kSmallSize));
  layout.names_height = layout.upwards ? names : line_height(kSmallSize);
  const int64_t wide = layout.left + layout.width() + scale_width(plot) - 2 * kGap;
  layout.title = title_lines(plot.title, std::max(wide, kMinTitleWidth));
  layout.top = lines_height(layout.title, kTitleSize) + 2 * kGap;
  return layout;
}

/// Colours of values [R, C], clamped to -limit .. limit: uint8 [3, R, C].
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

/// Smallest stride between labelled cells at which labels of `needed` pixels do not overlap.
int64_t label_stride(int64_t cell, int64_t needed) {
  return (needed + cell - 1) / cell;
}

void draw_names(Canvas& canvas, const MatrixPlot& plot, const MatrixLayout& layout) {
  const auto middle = [&](int64_t start, size_t i) {
    return static_cast<double>(start) + (static_cast<double>(i) + 0.5) * static_cast<double>(layout.cell);
  };
  const auto rows = static_cast<size_t>(label_stride(layout.cell, line_height(kSmallSize)));
  for (size_t r = 0; r < plot.row_labels.size(); r += rows) {
    canvas.draw_text(fit_text(plot.row_labels[r], kSmallSize, layout.row_names),
                     {static_cast<double>(layout.left - kGap), middle(layout.top, r)},
                     {.size = kSmallSize, .align = Align::kEnd});
  }
  const double y = static_cast<double>(layout.top + layout.height() + kGap);
  if (layout.upwards) {
    const auto columns = static_cast<size_t>(label_stride(layout.cell, line_height(kSmallSize)));
    for (size_t c = 0; c < plot.column_labels.size(); c += columns) {
      canvas.draw_text(fit_text(plot.column_labels[c], kSmallSize, layout.column_names),
                       {middle(layout.left, c), y},
                       {.size = kSmallSize, .align = Align::kEnd, .upwards = true});
    }
    return;
  }
  const auto columns =
      static_cast<size_t>(label_stride(layout.cell, widest_text(plot.column_labels, kSmallSize) + kGap));
  for (size_t c = 0; c < plot.column_labels.size(); c += columns) {
    canvas.draw_text(plot.column_labels[c], {middle(layout.left, c), y + kSmallSize / 2},
                     {.size = kSmallSize, .align = Align::kCenter});
  }
}

void draw_titles(Canvas& canvas, const MatrixPlot& plot, const MatrixLayout& layout) {
  // Centred on the cells. If there are few cells, the y label begins at their edge, the x label beside the y
  // label.
  const double half_x = static_cast<double>(text_width(plot.x_label, kLabelSize)) / 2;
  const double half_y = static_cast<double>(text_width(plot.y_label, kLabelSize)) / 2;
  const double center = std::max(static_cast<double>(layout.left) + static_cast<double>(layout.width()) / 2,
                                 static_cast<double>(kGap + line_height(kLabelSize)) + half_x);
  const double middle =
      static_cast<double>(layout.top) + std::max(static_cast<double>(layout.height()) / 2, half_y);
  const double bottom = static_cast<double>(layout.top + layout.height());
  draw_lines(canvas, layout.title, kGap, kGap, {.size = kTitleSize});
  canvas.draw_text(
      plot.x_label,
      {center, bottom + static_cast<double>(layout.names_height + kGap + kGap / 2) + kLabelSize / 2},
      {.size = kLabelSize, .align = Align::kCenter});
  canvas.draw_text(plot.y_label, {kGap + kLabelSize / 2, middle},
                   {.size = kLabelSize, .align = Align::kCenter, .upwards = true});
}

void draw_scale(Canvas& canvas, const MatrixPlot& plot, const MatrixLayout& layout) {
  const int64_t x = layout.left + layout.width() + 2 * kGap, height = std::min<int64_t>(layout.height(), 200);
  const double lowest = plot.from_zero ? 0 : -1, name_x = static_cast<double>(x + kScaleWidth + kGap / 2);
  const auto values = at::linspace(1, lowest, height).view({height, 1}).expand({height, kScaleWidth});
  canvas.draw_image(diverging_pixels(values, 1), x, layout.top);
  for (const double share : {0.0, 0.5, 1.0}) {
    canvas.draw_text(with_minus(format_float((1 + share * (lowest - 1)) * plot.limit)),
                     {name_x, static_cast<double>(layout.top) + share * static_cast<double>(height - 1)},
                     {.size = kSmallSize});
  }
  if (!has_unknown(plot)) return;
  const int64_t y = layout.top + height + 2 * kGap;
  canvas.fill_rect({x, y, kScaleWidth, kScaleWidth}, kUnknownColor);
  canvas.draw_text(kUnknownText, {name_x, static_cast<double>(y) + kScaleWidth / 2.0}, {.size = kSmallSize});
}

}  // namespace

Canvas draw_matrix(const MatrixPlot& plot) {
  const MatrixLayout layout = lay_out_matrix(plot);
  const int64_t below = layout.names_height + line_height(kLabelSize) + 2 * kGap;
  const int64_t width = std::max({layout.left + layout.width() + scale_width(plot),
                                  widest_text(layout.title, kTitleSize) + 2 * kGap,
                                  line_height(kLabelSize) + text_width(plot.x_label, kLabelSize) + 2 * kGap});
  const int64_t height = std::max(layout.top + layout.height() + below,
                                  layout.top + text_width(plot.y_label, kLabelSize) + kGap);
  Canvas canvas(width, height);
  draw_cells(canvas, plot, layout);
  draw_names(canvas, plot, layout);
  draw_titles(canvas, plot, layout);
  draw_scale(canvas, plot, layout);
  return canvas;
}

}  // namespace patronus
