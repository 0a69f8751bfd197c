#pragma once
#include <ATen/core/Tensor.h>

namespace patronus {

/// Converts images in [-1, 1], any shape, to uint8 by clamping and rounding.
at::Tensor to_pixels(const at::Tensor& images);

/// Whether all channels of an image [1 or 3, H, W] are equal.
bool is_gray(const at::Tensor& image);

/// Converts uint8 [H, W, 3] on the CPU to gray uint8 [1, H, W]: (19595 R + 38470 G + 7471 B + 32768) >> 16.
at::Tensor gray_from_rgb(const at::Tensor& rgb);

}  // namespace patronus
