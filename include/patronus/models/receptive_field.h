#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace patronus {

/// One square convolution of a stack. Sizes are in pixels of its input, the same in both directions.
struct ConvGeometry {
  int64_t kernel;
  int64_t stride;
  int64_t padding;
};

/// Geometry of feature-map cells in the image, along one side (paper A.1, Fig. 11).
struct ReceptiveField {
  int64_t cells;  // cells per side
  int64_t jump;   // pixels between the centres of neighbouring cells
  int64_t size;   // pixels per side seen by one cell, before clipping at the border
  double start;   // centre of the first cell in pixels; 0.5 is the centre of the image's first pixel
  int64_t image_size;
  std::vector<ConvGeometry> stack;
};

/// Pixels [row0, row1) × [col0, col1).
struct Box {
  int64_t row0, row1, col0, col1;
  bool operator==(const Box&) const = default;
};

/// Definition of a cell's patch.
enum class PatchRule {
  // The smallest box with every pixel that the cell depends on.
  kExact,
  // [jump * i, jump * i + size - 1): the patches in the paper's figures, cut by their first row and column.
  kPaper,
};
inline std::vector<std::string> enum_names(PatchRule) {
  return {"exact", "paper"};
}

/// Computes the receptive field of a stack of convolutions. Throws ConfigError if the image is too small.
ReceptiveField receptive_field(const std::vector<ConvGeometry>& stack, int64_t image_size);

/// Patch of a cell, clipped to the image. `cell` is row * cells + column.
Box patch_box(const ReceptiveField& field, int64_t cell, PatchRule rule = PatchRule::kExact);

/// Patches of many cells (int64, any shape and device): int64 [..., 4] on the CPU: row0, row1, col0, col1.
at::Tensor patch_boxes(const ReceptiveField& field, const at::Tensor& cells,
                       PatchRule rule = PatchRule::kExact);

/// Converts a row [4] of `patch_boxes` to a box.
Box to_box(const at::Tensor& row);

/// Numbers of pixels of boxes: int64 [...] of int64 [..., 4] (row0, row1, col0, col1).
at::Tensor box_areas(const at::Tensor& boxes);

/// Whether each of `size` rows, or columns, of pixels lies in each of the boxes int64 [N, 4]: bool [N, size].
at::Tensor rows_inside(const at::Tensor& boxes, int64_t size);
at::Tensor columns_inside(const at::Tensor& boxes, int64_t size);

/// Whether at least half of the smaller of two boxes lies in the other: bool [...] of int64 [..., 4] (row0,
/// row1, col0, col1).
at::Tensor overlap_by_half(const at::Tensor& a, const at::Tensor& b);

/// Crops `images` [..., S, S] to `box`; a view.
at::Tensor crop(const at::Tensor& images, const Box& box);

}  // namespace patronus
