#pragma once
#include <cstdint>
#include <vector>

namespace patronus {

struct ConvGeometry {
  int64_t kernel;
  int64_t stride;
  int64_t padding;
};

/// How the cells of a feature map lie on the image, along one side (paper A.1, Fig. 11).
struct ReceptiveField {
  int64_t cells;  // cells a side
  int64_t jump;   // pixels between the centres of neighbouring cells
  int64_t size;   // pixels a side that one cell sees
  double start;   // centre of the first cell, in pixels from the image's edge
  int64_t image_size;
};

/// Pixels [row0, row1) × [col0, col1).
struct Box {
  int64_t row0, row1, col0, col1;
  bool operator==(const Box&) const = default;
};

/// A stack of convolutions over a square image. ConfigError when the image is too small for the stack.
ReceptiveField receptive_field(const std::vector<ConvGeometry>& stack, int64_t image_size);

/// Exactly the pixels that the cell sees, clipped at the border of the image. `cell` is row * cells + column.
Box patch_box(const ReceptiveField& field, int64_t cell);

}  // namespace patronus
