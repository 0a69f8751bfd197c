#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>

namespace patronus {

/// Decodes a JPEG, PNG, WebP, TIFF, BMP, GIF or binary PPM file, whatever its extension, to uint8 RGB [3, H,
/// W], oriented by its EXIF data; the first picture of several. Palettes, gray, 16 bits and CMYK are
/// converted to RGB; transparency is ignored. Throws DataError, naming the file and the reason, if it cannot
/// be decoded completely (for example if truncated).
at::Tensor read_image(const std::filesystem::path& path);

/// Encodes uint8 [1 or 3, H, W] as PNG.
std::string encode_png(const at::Tensor& pixels);
void write_png(const std::filesystem::path& path, const at::Tensor& pixels);

}  // namespace patronus
