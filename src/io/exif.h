#pragma once
#include <ATen/core/Tensor.h>

#include <string_view>

namespace patronus {

/// Prefix of EXIF data in JPEG files.
inline constexpr std::string_view kExifMark("Exif\0\0", 6);

/// EXIF orientation of an image, 1 ... 8; 1 (upright) if absent or damaged. `kExifMark` in front is optional.
int exif_orientation(std::string_view exif);

/// Rotates and mirrors pixels [H, W, 3] of this EXIF orientation upright; contiguous.
at::Tensor upright(const at::Tensor& pixels, int orientation);

}  // namespace patronus
