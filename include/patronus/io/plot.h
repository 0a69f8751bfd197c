#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace patronus {

/// A table of pictures with optional labels, as in a paper's figure.
struct Grid {
  std::vector<std::vector<at::Tensor>> rows;  // uint8 [1 or 3, H, W]; an undefined tensor leaves its cell empty
  std::vector<std::string> row_labels;        // at the left of each row; may be empty
  std::vector<std::string> column_labels;     // above each column; may be empty
  std::vector<std::vector<std::string>> captions;  // below each picture; may be empty
  std::string title;
  int64_t cell_size = 96;  // pixels a side that a picture is enlarged to (nearest neighbour, whole factors)
};

/// Draws the grid on white; uint8 [3, H, W].
at::Tensor draw_grid(const Grid& grid);

/// Rows of `columns` pictures from one batch, uint8 [B, C, H, W].
Grid grid_of(const at::Tensor& pixels, int64_t columns);

struct Series {
  std::string name;
  std::vector<double> x;
  std::vector<double> y;
};

struct LinePlot {
  std::vector<Series> series;
  std::string title;
  std::string x_label;
  std::string y_label;
  bool log_y = false;
  int64_t width = 900;
  int64_t height = 560;
};

/// A line plot with axes, ticks, light grid lines and a legend; uint8 [3, height, width].
at::Tensor draw_line_plot(const LinePlot& plot);

}  // namespace patronus
