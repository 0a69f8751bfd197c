#pragma once
#include <ATen/core/Tensor.h>

#include <string>

namespace patronus::test {

/// A smooth uint8 picture [channels, height, width].
at::Tensor gradient(int64_t channels, int64_t height, int64_t width);

/// A JPEG file of uint8 [1, 3 or 4, H, W]: gray, RGB, or CMYK as Adobe's programs write it. Includes `exif`
/// unless empty.
std::string jpeg_bytes(const at::Tensor& pixels, const std::string& exif = {});

/// A lossless WebP file of uint8 [3, H, W].
std::string webp_bytes(const at::Tensor& pixels);

/// An uncompressed TIFF file of uint8 [1, 3 or 4, H, W]; a fourth channel is unassociated alpha.
std::string tiff_bytes(const at::Tensor& pixels, int orientation = 1);

/// A gray PNG file with `bits` per pixel. `rows`: its uncompressed data, for each row a filter type (0 for
/// none) and the packed pixels.
std::string gray_png(int64_t height, int64_t width, int bits, const std::string& rows);

/// A gray 16-bit PNG file of int32 [H, W] in 0 ... 65535.
std::string sixteen_bit_png(const at::Tensor& pixels);

/// An uncompressed GIF file of at most 128 colours: uint8 indices [H, W] into `palette`, uint8 [128, 3].
std::string gif_bytes(const at::Tensor& indices, const at::Tensor& palette);

/// EXIF data with only an orientation, little-endian ("II") or big-endian ("MM").
std::string exif_bytes(int orientation, const std::string& order = "II");

/// `png` with EXIF data inserted.
std::string with_exif(const std::string& png, const std::string& exif);

}  // namespace patronus::test
