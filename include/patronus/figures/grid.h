#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "patronus/figures/canvas.h"

namespace patronus {

/// Content of a cell: pixels, uint8 [1 or 3, H, W] (undefined: empty), or a drawing in its own size.
using Picture = std::variant<at::Tensor, Canvas>;

/// A box on a picture.
struct Outline {
  static constexpr int64_t kNoKey = -1;

  Rect rect;             // in the picture's own pixels
  int64_t key = kNoKey;  // index in the grid's key, for the colour; kNoKey is orange
};

/// A table of pictures with optional labels, as in figures of papers. Long labels are broken at blanks and
/// after folders, each of their lines into at most three; anything still too long gets an ellipsis, a path in
/// place of its first folders. A title has as many lines as it needs.
struct Grid {
  // Each centred in its cell; rows may differ in length. All cells are as large as the largest picture.
  std::vector<std::vector<Picture>> rows{};
  std::vector<std::string> row_labels{};             // left of each row; may be empty
  std::vector<std::string> column_labels{};          // above each column, with line breaks; may be empty
  std::vector<std::vector<std::string>> captions{};  // lines below each picture; may be empty
  // Boxes on each picture, in its own pixels, drawn with thin lines at any magnification; may be empty.
  std::vector<std::vector<std::vector<Outline>>> boxes{};
  std::string title{};
  // Legend below the title: names of the curves of all plots, or of boxes, in their colours.
  std::vector<std::string> key{};
  // Largest side to which pixels are enlarged, in pixels: nearest neighbour, by whole factors.
  int64_t cell_size = 96;
};

/// Draws the grid on white.
Canvas draw_grid(const Grid& grid);

/// Arranges pictures in rows of `columns`.
Grid make_grid(const std::vector<Picture>& pictures, int64_t columns);
/// Arranges the images of a batch, uint8 [B, C, H, W], in rows of `columns`.
Grid make_grid(const at::Tensor& pixels, int64_t columns);

/// One labelled row of pictures.
struct ImageRow {
  std::string label;
  at::Tensor images;  // [B, C, H, W] in [-1, 1], any device
};

/// Stacks the rows; column i shows image i of every row.
Grid make_grid_of_rows(const std::vector<ImageRow>& rows);

}  // namespace patronus
