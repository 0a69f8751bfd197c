#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>

namespace patronus {

/// Decodes a JPEG, PNG, WebP, TIFF, BMP, GIF or binary PPM file, whatever its ending, to uint8 [channels, H,
/// W], upright as its EXIF data say; of several pictures in a file the first. Every kind (palette, gray, 16
/// bit, CMYK, with transparency, which is ignored) is opened as RGB; with `channels` 1 it is turned to gray
/// as (19595 R + 38470 G + 7471 B + 32768) >> 16. DataError, naming the file and the reason, when it cannot
/// be decoded completely (a truncated file too).
at::Tensor read_image(const std::filesystem::path& path, int64_t channels);

/// uint8 [1 or 3, H, W] as PNG.
std::string encode_png(const at::Tensor& pixels);
void write_png(const std::filesystem::path& path, const at::Tensor& pixels);

}  // namespace patronus
