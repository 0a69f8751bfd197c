#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string_view>

namespace patronus {

/// An image as stored in its file.
struct DecodedImage {
  at::Tensor pixels;    // uint8 [H, W, 3]
  int orientation = 1;  // as in EXIF (io/exif.h)
  bool is_cut = false;  // whether `pixels` are the upper 8 bits of longer values
};

// Each function decodes the bytes of a whole file. Throws DataError, without the path, for missing or damaged
// data, unsupported variants, and sizes that `check_extent` rejects.

DecodedImage decode_jpeg(std::string_view bytes);
DecodedImage decode_png(std::string_view bytes);
/// First frame of an animation.
DecodedImage decode_webp(std::string_view bytes);
/// First image of a multi-page file.
DecodedImage decode_tiff(std::string_view bytes);
DecodedImage decode_bmp(std::string_view bytes);
/// First frame of an animation.
DecodedImage decode_gif(std::string_view bytes);
/// Binary PPM and PGM (P6 and P5); values are scaled to 0 ... 255.
DecodedImage decode_pnm(std::string_view bytes);

/// Throws DataError for an image without pixels or with implausibly many; a few hostile bytes can claim any
/// number.
void check_extent(int64_t width, int64_t height);

}  // namespace patronus
