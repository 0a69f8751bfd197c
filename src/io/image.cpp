#include "patronus/io/image.h"

#include <ATen/Functions.h>
#include <stb_image_write.h>

#include <string_view>

#include "io/decode_image.h"
#include "io/exif.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/io/atomic_file.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

struct Format {
  const char* signature;
  size_t place;  // offset of the signature
  DecodedImage (*decode)(std::string_view bytes);
};

const Format kFormats[] = {
    {"\xFF\xD8\xFF", 0, decode_jpeg},
    {"\x89PNG\r\n\x1a\n", 0, decode_png},
    {"WEBP", 8, decode_webp},
    {"II*", 0, decode_tiff},
    {"II+", 0, decode_tiff},
    {"MM", 0, decode_tiff},
    {"BM", 0, decode_bmp},
    {"GIF8", 0, decode_gif},
    {"P5", 0, decode_pnm},
    {"P6", 0, decode_pnm},
};

DecodedImage decode(std::string_view bytes) {
  for (const auto& format : kFormats) {
    if (bytes.size() > format.place && bytes.substr(format.place).starts_with(format.signature))
      return format.decode(bytes);
  }
  throw DataError(std::string(bytes.empty() ? "the file is empty" : "not an image that is read") +
                  "; expected JPEG, PNG, WebP, TIFF, BMP, GIF or binary PPM data");
}

}  // namespace

void check_extent(int64_t width, int64_t height) {
  constexpr int64_t kMaxPixels = int64_t{1} << 27;
  if (width > 0 && height > 0 && width <= kMaxPixels / height) return;
  throw DataError("a picture of " + std::to_string(width) + " x " + std::to_string(height) +
                  " pixels; expected at least one, and at most 134 million");
}

at::Tensor read_image(const fs::path& path) {
  const std::string bytes = read_file(path);
  const DecodedImage image = with_context(path.string(), [&] { return decode(bytes); });
  if (image.is_cut) {
    log_warning_once(
        "there are images of 16 bits a value, of which the upper 8 are taken; where their values are small, "
        "scale them and save them with 8 bits");
  }
  return upright(image.pixels, image.orientation).permute({2, 0, 1}).contiguous();
}

std::string encode_png(const at::Tensor& pixels) {
  TORCH_CHECK(
      pixels.scalar_type() == at::kByte && pixels.dim() == 3 && (pixels.size(0) == 1 || pixels.size(0) == 3),
      "encode_png: expected uint8 [1 or 3, H, W], got ", pixels.toString(), " ", pixels.sizes());
  constexpr int64_t kMaxBytes = 2'000'000'000;  // stb counts bytes in 32 bits
  if ((pixels.size(2) * pixels.size(0) + 1) * pixels.size(1) > kMaxBytes) {
    throw Error("a picture of " + std::to_string(pixels.size(2)) + " x " + std::to_string(pixels.size(1)) +
                " pixels is too large for a PNG; ask for fewer images, or for --format pdf or svg");
  }
  const auto rows = pixels.cpu().permute({1, 2, 0}).contiguous();
  const auto append = [](void* png, void* data, int size) {
    static_cast<std::string*>(png)->append(static_cast<const char*>(data), static_cast<size_t>(size));
  };
  const int height = static_cast<int>(rows.size(0));
  const int width = static_cast<int>(rows.size(1));
  const int channels = static_cast<int>(rows.size(2));
  std::string png;
  TORCH_CHECK(
      stbi_write_png_to_func(append, &png, width, height, channels, rows.data_ptr(), width * channels),
      "encode_png: no memory for ", pixels.sizes());
  return png;
}

void write_png(const fs::path& path, const at::Tensor& pixels) {
  write_file(path, encode_png(pixels));
}

}  // namespace patronus
