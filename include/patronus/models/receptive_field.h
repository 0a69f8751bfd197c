#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace patronus {

/// One square convolution of a stack. Sizes in pixels of its input, the same in both directions.
struct ConvGeometry {
  int64_t kernel;
  int64_t stride;
  int64_t padding;
};

/// How the cells of a feature map lie on the image, along one side (paper A.1, Fig. 11).
struct ReceptiveField {
  int64_t cells;  // cells a side
  int64_t jump;   // pixels between the centres of neighbouring cells
  int64_t size;   // pixels a side that one cell sees, before clipping at the border
  double start;   // centre of the first cell, in pixels from the image's edge (0.5 is the centre of the first
                  // pixel)
  int64_t image_size;
  std::vector<ConvGeometry> stack;
};

/// Pixels [row0, row1) × [col0, col1).
struct Box {
  int64_t row0, row1, col0, col1;
  bool operator==(const Box&) const = default;
};

/// Which pixels count as a cell's patch.
enum class PatchRule {
  kExact,  // the smallest box that holds every pixel the cell depends on
  kPaper,  // [jump * i, jump * i + size - 1): the patches drawn in the paper's figures, cut by their first
           // row and column
};
inline std::vector<std::string> enum_names(PatchRule) {
  return {"exact", "paper"};
}

/// A stack of convolutions over a square image. ConfigError when the image is too small for the stack.
ReceptiveField receptive_field(const std::vector<ConvGeometry>& stack, int64_t image_size);

/// The patch of a cell, within the image. `cell` is row * cells + column.
Box patch_box(const ReceptiveField& field, int64_t cell, PatchRule rule = PatchRule::kExact);

/// The patches of many cells (int64, any shape and device), int64 [..., 4] on the CPU: row0, row1, col0,
/// col1.
at::Tensor patch_boxes(const ReceptiveField& field, const at::Tensor& cells,
                       PatchRule rule = PatchRule::kExact);

/// The box in a row [4] of `patch_boxes`.
Box box_from(const at::Tensor& row);

/// The part of `images` [..., S, S] inside `box`; a view.
at::Tensor crop(const at::Tensor& images, const Box& box);

}  // namespace patronus
