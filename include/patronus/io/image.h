#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>

namespace patronus {

/// Decodes a JPEG, PNG, WebP, TIFF, BMP, GIF or binary PPM file, whatever its ending, to uint8 RGB [3, H, W],
/// upright as its EXIF data say; of several pictures in a file the first. Palettes, gray, 16 bits and CMYK
/// become RGB, too; transparency is ignored. DataError, naming the file and the reason, when it cannot be
/// decoded completely (a truncated file too).
at::Tensor read_image(const std::filesystem::path& path);

/// uint8 [1 or 3, H, W] as PNG.
std::string encode_png(const at::Tensor& pixels);
void write_png(const std::filesystem::path& path, const at::Tensor& pixels);

}  // namespace patronus
