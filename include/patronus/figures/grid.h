#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "patronus/figures/canvas.h"

namespace patronus {

/// What a cell of a grid shows: pixels, uint8 [1 or 3, H, W] (undefined: nothing), or a drawing in its own
/// size.
using Picture = std::variant<at::Tensor, Canvas>;

/// A box on a picture.
struct Outline {
  static constexpr int64_t kNoKey = -1;

  Rect rect;             // in the picture's own pixels
  int64_t key = kNoKey;  // the name in the grid's key whose colour it has; else it is orange
};

/// A table of pictures with optional labels, as in a paper's figure. Labels above and below a picture that
/// are too long are broken at blanks and behind folders, each of their lines into three at most; what is too
/// long then, and a long label at the left, has an ellipsis in its middle.
struct Grid {
  // Each in the middle of its cell. Rows may differ in length. Every cell is as large as the largest picture.
  std::vector<std::vector<Picture>> rows{};
  std::vector<std::string> row_labels{};             // at the left of each row; may be empty
  std::vector<std::string> column_labels{};          // above each column, in lines; may be empty
  std::vector<std::vector<std::string>> captions{};  // below each picture, in lines; may be empty
  // Outlined on each picture, in its own pixels: the lines are thin however much it is enlarged. May be
  // empty.
  std::vector<std::vector<std::vector<Outline>>> boxes{};
  std::string title{};
  // Below the title: names of the curves of all its plots, or of boxes, in their colours, which repeat after
  // seven.
  std::vector<std::string> key{};
  // Pixels a side that pixels are enlarged to at most: nearest neighbour, by whole factors.
  int64_t cell_size = 96;
};

/// Draws the grid on white.
Canvas draw_grid(const Grid& grid);

/// Rows of `columns` pictures, one after the other.
Grid grid_of(const std::vector<Picture>& pictures, int64_t columns);
/// The same of one batch, uint8 [B, C, H, W].
Grid grid_of(const at::Tensor& pixels, int64_t columns);

/// One labelled row of pictures.
struct ImageRow {
  std::string label;
  at::Tensor images;  // [B, C, H, W] in [-1, 1], any device
};

/// The rows below one another; column i shows image i of every row.
Grid grid_of_rows(const std::vector<ImageRow>& rows);

}  // namespace patronus
