#pragma once
#include <ATen/core/Tensor.h>

namespace patronus {

/// Images in [-1, 1], any shape, to uint8: clamped and rounded.
at::Tensor to_pixels(const at::Tensor& images);

}  // namespace patronus
