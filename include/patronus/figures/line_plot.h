#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "patronus/figures/canvas.h"

namespace patronus {

/// A curve. Points that are not finite (with `log_y` also those not above 0) are gaps; an isolated point is a
/// dot.
struct Series {
  std::string name{};  // for the legend; may be empty
  std::vector<double> x{};
  std::vector<double> y{};
  bool faint = false;  // thin and gray, behind the others
  bool dots = false;   // separate points instead of a line
  bool marks = false;  // a dot at every point of the line
  // Pale band from `low` to `high` at each x, behind all curves; may be empty.
  std::vector<double> low{};
  std::vector<double> high{};
};

/// Density of `values` over bins between `low` and `high`, as a curve through the bin centres.
Series density(const std::string& name, const at::Tensor& values, double low, double high);

struct LinePlot {
  std::vector<Series> series{};
  std::string title{};
  std::string x_label{};
  std::string y_label{};
  std::string bands{};  // meaning of the bands, for the legend; may be empty
  double bands_end = std::numeric_limits<double>::infinity();  // bands are cut above it and above all curves
  std::string empty = "no data";  // text shown, without ticks, if there are no points
  bool log_y = false;
  bool falling_x = false;  // largest x at the left
  bool from_zero = false;  // y axis includes 0
  int64_t width = 560;     // legible in a column of a journal
  int64_t height = 380;
};

/// Draws a line plot with axes, ticks, light grid lines, and a legend placed where it hides no curve. A title
/// wider than the plot is broken into lines.
Canvas draw_line_plot(const LinePlot& plot);

}  // namespace patronus
