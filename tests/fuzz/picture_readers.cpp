#include <ATen/Functions.h>

#include "fuzz/readers.h"
#include "patronus/io/image.h"
#include "support/picture_files.h"

namespace patronus::test {
namespace {

using Seeds = std::vector<std::string>;

void read_picture(const std::filesystem::path& file) {
  read_image(file);
}

Reader picture_reader(const std::string& name, const std::function<Seeds()>& seeds) {
  return {name, "picture", [seeds](const std::filesystem::path&) { return seeds(); }, read_picture};
}

std::string little_endian(uint32_t value, size_t count) {
  std::string bytes;
  for (size_t i = 0; i < count; ++i) bytes += static_cast<char>(value >> 8 * i);
  return bytes;
}

/// A BMP file of 4 x 4 pixels with `bits` a pixel, and a palette of 256 colours below 24 bits.
std::string bmp_bytes(uint32_t bits) {
  const std::string palette = bits < 24 ? std::string(1024, 'p') : "", pixels(4 * 4 * bits / 8, 'x');
  const auto place = static_cast<uint32_t>(54 + palette.size()), size = static_cast<uint32_t>(pixels.size());
  return "BM" + little_endian(place + size, 4) + little_endian(0, 4) + little_endian(place, 4) +
         little_endian(40, 4) + little_endian(4, 4) + little_endian(4, 4) + little_endian(1, 2) +
         little_endian(bits, 2) + little_endian(0, 4) + little_endian(size, 4) + std::string(16, '\0') +
         palette + pixels;
}

Seeds png_seeds() {
  const std::string png = encode_png(gradient(3, 12, 9));
  return {png, with_exif(png, exif_bytes(6)), encode_png(gradient(3, 1, 1))};
}

Seeds gif_seeds() {
  const auto palette = at::arange(128 * 3, at::kLong).remainder(256).to(at::kByte).view({128, 3});
  return {gif_bytes(gradient(1, 7, 5)[0].div(2, "floor").to(at::kByte), palette)};
}

}  // namespace

std::vector<Reader> picture_readers() {
  return {
      picture_reader("png", png_seeds),
      picture_reader("jpeg",
                     []() -> Seeds {
                       return {jpeg_bytes(gradient(3, 17, 20)),
                               jpeg_bytes(gradient(1, 8, 8), exif_bytes(8, "MM")),
                               jpeg_bytes(gradient(4, 9, 9))};
                     }),
      picture_reader("webp",
                     []() -> Seeds {
                       return {webp_bytes(gradient(3, 17, 20)), webp_bytes(gradient(3, 1, 2))};
                     }),
      picture_reader("tiff",
                     []() -> Seeds {
                       return {tiff_bytes(gradient(3, 9, 8)), tiff_bytes(gradient(1, 5, 5), 3),
                               tiff_bytes(gradient(4, 6, 7))};
                     }),
      picture_reader("bmp",
                     []() -> Seeds {
                       return {bmp_bytes(8), bmp_bytes(24), bmp_bytes(32)};
                     }),
      picture_reader("gif", gif_seeds),
      picture_reader(
          "pnm",
          []() -> Seeds {
            return {"P6\n3 2\n255\n" + std::string(18, 'a'), "P5 # gray\n4 1 65535\n" + std::string(8, 'b')};
          }),
  };
}

}  // namespace patronus::test
