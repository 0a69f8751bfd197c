#pragma once
#include <ATen/core/Tensor.h>

#include <string_view>

namespace patronus {

/// The orientation, 1 ... 8, that a picture's EXIF data give; 1, upright, where they give none or are
/// damaged. With or without the words "Exif\0\0" in front.
int exif_orientation(std::string_view exif);

/// Pixels [H, W, 3] turned and mirrored as a viewer shows a picture of this EXIF orientation; contiguous.
at::Tensor upright(const at::Tensor& pixels, int orientation);

}  // namespace patronus
