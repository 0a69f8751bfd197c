#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string_view>

namespace patronus {

/// A picture as it lies in its file.
struct DecodedImage {
  at::Tensor pixels;    // uint8 [H, W, 3]
  int orientation = 1;  // as in EXIF (io/exif.h)
  bool is_cut = false;  // whether the file's values have more than 8 bits, of which the upper 8 are these
};

// Each decodes the bytes of a whole file. DataError, without the file's name, where data are missing or
// damaged, for kinds that are not read, and for more pixels than `check_extent` lets pass.

DecodedImage decode_jpeg(std::string_view bytes);
DecodedImage decode_png(std::string_view bytes);
/// Of an animation the first picture.
DecodedImage decode_webp(std::string_view bytes);
/// Of several pictures in a file the first.
DecodedImage decode_tiff(std::string_view bytes);
DecodedImage decode_bmp(std::string_view bytes);
/// Of an animation the first picture.
DecodedImage decode_gif(std::string_view bytes);
/// PPM and PGM in their binary kinds, P6 and P5; values are scaled to 0 ... 255.
DecodedImage decode_pnm(std::string_view bytes);

/// DataError for a picture without pixels, or with so many that they are no image to train on: a few hostile
/// bytes can announce any number of them.
void check_extent(int64_t width, int64_t height);

}  // namespace patronus
