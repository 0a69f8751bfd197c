#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "patronus/figures/canvas.h"

namespace patronus {

/// A matrix as coloured cells, with row and column names where there is room.
struct MatrixPlot {
  at::Tensor values;       // float [R, C]; cells that are not finite are gray
  double limit = 1;        // colour range: -limit (blue) over 0 (white) to limit (red), clamped
  bool from_zero = false;  // the scale begins at 0: no value is below it
  std::string title{};
  std::string x_label{};
  std::string y_label{};
  std::vector<std::string> row_labels{};     // [R] or empty
  std::vector<std::string> column_labels{};  // [C] or empty
};

/// Draws the matrix with a scale at the right. Cells are 4 to 24 pixels a side, for a matrix of about 560
/// pixels.
Canvas draw_matrix(const MatrixPlot& plot);

}  // namespace patronus
