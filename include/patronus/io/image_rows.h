#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "patronus/io/plot.h"

namespace patronus {

/// One labelled row of pictures.
struct ImageRow {
  std::string label;
  at::Tensor images;  // [B, C, H, W] in [-1, 1], any device
};

/// The rows below one another; column i shows image i of every row.
Grid grid_of_rows(const std::vector<ImageRow>& rows);

}  // namespace patronus
