#pragma once
#include <ATen/core/Tensor.h>

#include <string>

namespace patronus::test {

/// A smooth uint8 picture [channels, height, width].
at::Tensor gradient(int64_t channels, int64_t height, int64_t width);

/// A JPEG file of uint8 [1, 3 or 4, H, W]: gray, RGB or, as Adobe's programs write it, CMYK. `exif` comes
/// along when it is not empty.
std::string jpeg_bytes(const at::Tensor& pixels, const std::string& exif = {});

/// A lossless WebP file of uint8 [3, H, W].
std::string webp_bytes(const at::Tensor& pixels);

/// An uncompressed TIFF file of uint8 [1, 3 or 4, H, W], the fourth being unassociated alpha.
std::string tiff_bytes(const at::Tensor& pixels, int orientation = 1);

/// A PNG file of gray pixels with so many bits, of the bytes that it packs: for each row a filter's number, 0
/// for none, and its pixels.
std::string gray_png(int64_t height, int64_t width, int bits, const std::string& rows);

/// A PNG file of 16 bits a value, of int32 [H, W] in 0 ... 65535: gray.
std::string sixteen_bit_png(const at::Tensor& pixels);

/// A GIF file of at most 128 colours, uncompressed, of uint8 indices [H, W] into `palette` uint8 [128, 3].
std::string gif_bytes(const at::Tensor& indices, const at::Tensor& palette);

/// EXIF data that hold an orientation alone, in little-endian ("II") or big-endian ("MM") order.
std::string exif_bytes(int orientation, const std::string& order = "II");

/// `png` with EXIF data in it.
std::string with_exif(const std::string& png, const std::string& exif);

}  // namespace patronus::test
