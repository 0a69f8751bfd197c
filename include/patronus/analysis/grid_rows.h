#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "patronus/figures/grid.h"
#include "patronus/models/receptive_field.h"

namespace patronus {

/// Fills a grid row by row with pictures, captions and boxes.
class RowWriter {
 public:
  explicit RowWriter(Grid& grid) : grid_(grid) {}

  void begin_row(const std::string& label = {});
  /// `picture`: uint8 [1 or 3, H, W].
  void add(const at::Tensor& picture, const std::string& caption = {},
           const std::vector<Outline>& boxes = {});

 private:
  Grid& grid_;
};

/// Arranges drawings of similar size in rows so that the whole is about square.
Canvas draw_blocks(const std::vector<Canvas>& blocks, const std::string& title);

Outline outline_of(const Box& box, int64_t key = Outline::kNoKey);

/// Formats an activation for captions.
std::string activation_text(const at::Tensor& activation);

}  // namespace patronus
