#include "patronus/io/image.h"

#include <ATen/Functions.h>
#include <stb_image.h>
#include <stb_image_write.h>
#include <turbojpeg.h>
#include <zlib.h>

#include <memory>
#include <string_view>

#include "patronus/core/error.h"
#include "patronus/io/atomic_file.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n";
constexpr std::string_view kJpegSignature = "\xFF\xD8\xFF";

const unsigned char* as_unsigned(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

uint32_t big_endian_32(std::string_view bytes) {
  uint32_t value = 0;
  for (const char c : bytes.substr(0, 4)) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

/// What is wrong with the chunks of a PNG file, from signature to IEND; empty when all is well. stb decodes
/// files with wrong checksums, and pictures whose last rows are missing, without complaint.
std::string png_damage(std::string_view bytes) {
  constexpr size_t kFrame = 12;  // length, type and checksum of a chunk
  bytes.remove_prefix(kPngSignature.size());
  while (bytes.size() >= kFrame) {
    const size_t length = big_endian_32(bytes);
    if (bytes.size() - kFrame < length) break;
    const auto checked = bytes.substr(4, 4 + length);
    const auto checksum = crc32(0, as_unsigned(checked), static_cast<uInt>(checked.size()));
    if (checksum != big_endian_32(bytes.substr(8 + length))) return "a checksum is wrong";
    if (checked.starts_with("IEND")) return "";
    bytes.remove_prefix(kFrame + length);
  }
  return "the file is truncated";
}

/// Uint8 [H, W, 3].
at::Tensor decode_png(const fs::path& path, std::string_view bytes) {
  const auto fail = [&](const std::string& reason) {
    throw DataError(path.string() + ": damaged PNG: " + reason);
  };
  if (const auto damage = png_damage(bytes); !damage.empty()) fail(damage);
  int width = 0;
  int height = 0;
  const std::unique_ptr<stbi_uc, decltype(&stbi_image_free)> decoded(
      stbi_load_from_memory(as_unsigned(bytes), static_cast<int>(bytes.size()), &width, &height, nullptr, 3),
      &stbi_image_free);
  if (!decoded) fail(stbi_failure_reason());
  return at::from_blob(decoded.get(), {height, width, 3}, at::kByte).clone();
}

/// Uint8 [H, W, 3].
at::Tensor decode_jpeg(const fs::path& path, std::string_view bytes) {
  const std::unique_ptr<void, decltype(&tjDestroy)> decoder(tjInitDecompress(), &tjDestroy);
  const auto fail = [&](const std::string& reason) {
    throw DataError(path.string() + ": damaged JPEG: " + reason);
  };
  int width = 0;
  int height = 0;
  int subsampling = 0;
  int colours = 0;
  if (tjDecompressHeader3(decoder.get(), as_unsigned(bytes), bytes.size(), &width, &height, &subsampling,
                          &colours)) {
    fail(tjGetErrorStr2(decoder.get()));
  }
  if (width == 0 || height == 0) fail("the file is truncated");
  if (colours == TJCS_CMYK || colours == TJCS_YCCK) {
    throw DataError(path.string() + ": CMYK colours; expected RGB or gray; convert the file");
  }
  auto pixels = at::empty({height, width, 3}, at::kByte);
  // A truncated file is only a warning to the library, the missing part is gray: here any warning is a
  // failure.
  if (tjDecompress2(decoder.get(), as_unsigned(bytes), bytes.size(), pixels.data_ptr<uint8_t>(), width, 0,
                    height, TJPF_RGB, TJFLAG_ACCURATEDCT)) {
    fail(tjGetErrorStr2(decoder.get()));
  }
  return pixels;
}

/// Uint8 [1, H, W] from uint8 [H, W, 3].
at::Tensor gray_from_rgb(const at::Tensor& rgb) {
  auto gray = at::empty({1, rgb.size(0), rgb.size(1)}, at::kByte);
  const auto* in = rgb.data_ptr<uint8_t>();
  auto* out = gray.data_ptr<uint8_t>();
  for (int64_t i = 0; i < gray.numel(); ++i, in += 3) {
    out[i] = static_cast<uint8_t>((19595 * in[0] + 38470 * in[1] + 7471 * in[2] + 32768) >> 16);
  }
  return gray;
}

}  // namespace

at::Tensor read_image(const fs::path& path, int64_t channels) {
  TORCH_CHECK(channels == 1 || channels == 3, "read_image: channels must be 1 or 3, not ", channels);
  const std::string bytes = read_file(path);
  at::Tensor rgb;
  if (bytes.starts_with(kPngSignature)) {
    rgb = decode_png(path, bytes);
  } else if (bytes.starts_with(kJpegSignature)) {
    rgb = decode_jpeg(path, bytes);
  } else {
    throw DataError(path.string() + ": " + (bytes.empty() ? "the file is empty" : "not an image") +
                    "; expected JPEG or PNG data");
  }
  return channels == 1 ? gray_from_rgb(rgb) : rgb.permute({2, 0, 1}).contiguous();
}

std::string encode_png(const at::Tensor& pixels) {
  TORCH_CHECK(
      pixels.scalar_type() == at::kByte && pixels.dim() == 3 && (pixels.size(0) == 1 || pixels.size(0) == 3),
      "encode_png: expected uint8 [1 or 3, H, W], got ", pixels.toString(), " ", pixels.sizes());
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
