#pragma once
#include <ATen/core/Tensor.h>

namespace patronus {

/// Images in [-1, 1], any shape, to uint8: clamped and rounded.
at::Tensor to_pixels(const at::Tensor& images);

/// Whether an image [1 or 3, H, W] has no colour.
bool is_gray(const at::Tensor& image);

/// Uint8 [1, H, W] from uint8 [H, W, 3] on the CPU, as (19595 R + 38470 G + 7471 B + 32768) >> 16.
at::Tensor gray_from_rgb(const at::Tensor& rgb);

}  // namespace patronus
