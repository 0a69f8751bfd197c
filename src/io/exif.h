#pragma once
#include <ATen/core/Tensor.h>

#include <string_view>

namespace patronus {

/// The words in front of the EXIF data of a JPEG.
inline constexpr std::string_view kExifMark("Exif\0\0", 6);

/// The orientation, 1 ... 8, that a picture's EXIF data give; 1, upright, where they give none or are
/// damaged. With or without `kExifMark` in front.
int exif_orientation(std::string_view exif);

/// Pixels [H, W, 3] turned and mirrored as a viewer shows a picture of this EXIF orientation; contiguous.
at::Tensor upright(const at::Tensor& pixels, int orientation);

}  // namespace patronus
