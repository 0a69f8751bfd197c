#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <variant>
#include <vector>

#include "patronus/io/canvas.h"

namespace patronus {

/// What a cell of a grid shows: pixels, uint8 [1 or 3, H, W] (undefined: nothing), or a drawing in its own
/// size.
using Picture = std::variant<at::Tensor, Canvas>;

/// A table of pictures with optional labels, as in a paper's figure. Text that is too long for its place ends
/// in an ellipsis.
struct Grid {
  // Each in the middle of its cell. Rows may differ in length. Every cell is as large as the largest picture.
  std::vector<std::vector<Picture>> rows{};
  std::vector<std::string> row_labels{};             // at the left of each row; may be empty
  std::vector<std::string> column_labels{};          // above each column, in lines; may be empty
  std::vector<std::vector<std::string>> captions{};  // below each picture; may be empty
  // Outlined on each picture, in its own pixels: the lines are thin however much it is enlarged. May be
  // empty.
  std::vector<std::vector<std::vector<Rect>>> boxes{};
  std::string title{};
  // Pixels a side that pixels are enlarged to at most: nearest neighbour, by whole factors.
  int64_t cell_size = 96;
};

/// Draws the grid on white.
Canvas draw_grid(const Grid& grid);

/// Rows of `columns` pictures from one batch, uint8 [B, C, H, W].
Grid grid_of(const at::Tensor& pixels, int64_t columns);

/// A curve. Points that are not finite (with `log_y` also those not above 0) are gaps; a point alone is a
/// dot.
struct Series {
  std::string name{};  // for the legend; may be empty
  std::vector<double> x{};
  std::vector<double> y{};
  bool faint = false;  // thin and pale, for raw values behind their average
  bool dots = false;   // points that are not joined
  // A pale band from `low` to `high` at every x, behind all curves; may be empty.
  std::vector<double> low{};
  std::vector<double> high{};
};

struct LinePlot {
  std::vector<Series> series{};
  std::string title{};
  std::string x_label{};
  std::string y_label{};
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
