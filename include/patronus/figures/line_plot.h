#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "patronus/figures/canvas.h"

namespace patronus {

/// A curve. Points that are not finite (with `log_y` also those not above 0) are gaps; a point alone is a
/// dot.
struct Series {
  std::string name{};  // for the legend; may be empty
  std::vector<double> x{};
  std::vector<double> y{};
  bool faint = false;  // thin and pale, for raw values behind their average
  bool dots = false;   // points that are not joined
  bool marks = false;  // a dot at every point of the curve
  // A pale band from `low` to `high` at every x, behind all curves; may be empty.
  std::vector<double> low{};
  std::vector<double> high{};
};

/// The density of `values` over bins between `low` and `high`, drawn as a curve through the bins' middles.
Series density(const std::string& name, const at::Tensor& values, double low, double high);

struct LinePlot {
  std::vector<Series> series{};
  std::string title{};
  std::string x_label{};
  std::string y_label{};
  std::string empty = "no data";  // said where there is no point, and no tick then
  bool log_y = false;
  bool falling_x = false;  // the largest x at the left
  bool from_zero = false;  // the y axis reaches down to 0
  int64_t width = 900;
  int64_t height = 560;
};

/// A line plot with axes, ticks, light grid lines and a legend, which is placed where it hides no curve.
/// Colours repeat after seven series.
Canvas draw_line_plot(const LinePlot& plot);

}  // namespace patronus
