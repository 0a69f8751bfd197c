#include <ATen/Functions.h>
#include <stb_image.h>
#include <zlib.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "io/decode_image.h"
#include "io/exif.h"
#include "io/stb_limit.h"
#include "patronus/core/error.h"
#include "patronus/io/byte_reader.h"

namespace patronus {
namespace {

const stbi_uc* as_stb_bytes(std::string_view bytes) {
  return reinterpret_cast<const stbi_uc*>(bytes.data());
}

/// Checks a PNG's chunks up to IEND and returns its EXIF orientation. stb itself accepts wrong checksums and
/// missing last rows.
int checked_png_orientation(std::string_view bytes) {
  constexpr size_t kSignature = 8;
  constexpr size_t kFrame = 12;  // length, type and checksum of a chunk
  int orientation = 1;
  bytes.remove_prefix(kSignature);
  while (bytes.size() >= kFrame) {
    const size_t length = load_unsigned(std::endian::big, bytes, 0, 4);
    if (bytes.size() - kFrame < length) break;
    const auto checked = bytes.substr(4, 4 + length);
    const auto checksum =
        crc32(0, reinterpret_cast<const Bytef*>(checked.data()), static_cast<uInt>(checked.size()));
    if (checksum != load_unsigned(std::endian::big, bytes, 8 + length, 4))
      throw DataError("damaged PNG: a checksum is wrong");
    if (checked.starts_with("IEND")) return orientation;
    if (checked.starts_with("eXIf")) orientation = exif_orientation(checked.substr(4));
    bytes.remove_prefix(kFrame + length);
  }
  throw DataError("damaged PNG: the file is truncated");
}

/// Checks that all pixels of a BMP are present; stb would make missing ones black.
void check_bmp_is_whole(std::string_view bytes) {
  constexpr size_t kHeaders = 34;
  constexpr int64_t kOldHeader = 12, kRunLengths = 1, kRunLengthsOf4Bits = 2;
  if (bytes.size() < kHeaders) throw DataError("damaged BMP: the file is truncated");
  const auto number = [&](size_t offset, size_t count) {
    return static_cast<int64_t>(load_unsigned(std::endian::little, bytes, offset, count));
  };
  const bool old = number(14, 4) == kOldHeader;
  const int64_t compression = old ? 0 : number(30, 4);
  if (compression == kRunLengths || compression == kRunLengthsOf4Bits)
    throw DataError("BMP with run-length encoding, which is not read; save it as PNG");
  const int64_t width = old ? number(18, 2) : static_cast<int32_t>(number(18, 4));
  const int64_t height = old ? number(20, 2) : static_cast<int32_t>(number(22, 4));
  const int64_t row_bytes = (std::abs(width) * number(old ? 24 : 28, 2) + 31) / 32 * 4;
  const int64_t room = std::ssize(bytes) - number(10, 4);
  // Divides instead of multiplying, since the product of damaged numbers could overflow.
  if (room < 0 || (row_bytes > 0 && std::abs(height) > room / row_bytes))
    throw DataError("damaged BMP: the file is truncated");
}

/// Checks the blocks of a GIF for truncation; stb would fill missing pixels with the background.
class GifBlocks {
 public:
  explicit GifBlocks(std::string_view bytes)
      : size_(bytes.size()), reader_(bytes, "damaged GIF: the file is truncated") {
    constexpr size_t kHeader = 13;
    const auto header = reader_.take(kHeader);
    skip_palette(header[10]);
  }

  /// Skips the first image. Returns the positions of the flag bytes whose bit 0 enables its transparent
  /// colour.
  std::vector<size_t> skip_first_picture() {
    constexpr unsigned char kExtension = 0x21, kPicture = 0x2C, kControl = 0xF9;
    constexpr char kControlBytes = 4;
    std::vector<size_t> flags;
    for (;;) {
      const auto block = reader_.byte();
      if (block == kPicture) break;
      if (block != kExtension) throw DataError("damaged GIF: there is no picture in it");
      const bool is_control = reader_.byte() == kControl && reader_.rest().starts_with(kControlBytes);
      if (is_control) flags.push_back(size_ - reader_.rest().size() + 1);
      skip_data();
    }
    skip_palette(reader_.take(9)[8]);
    reader_.take(1);
    skip_data();
    return flags;
  }

 private:
  void skip_palette(char flags) {
    if (flags & 0x80) reader_.take(size_t{3} << ((flags & 7) + 1));
  }
  void skip_data() {
    while (const size_t count = reader_.byte()) reader_.take(count);
  }

  size_t size_;
  ByteReader reader_;
};

/// Decodes to uint8 [H, W, 3]. Throws DataError, starting with "damaged" and `kind`.
at::Tensor decode_by_stb(std::string_view bytes, const char* kind) {
  int width = 0, height = 0, channels = 0;
  const int size = static_cast<int>(bytes.size());
  const auto fail = [&] {
    const std::string_view reason = stbi_failure_reason();
    throw DataError(std::string("damaged ") + kind + ": " +
                    std::string(reason == "outofmem" ? "more data than its pixels take" : reason));
  };
  if (!stbi_info_from_memory(as_stb_bytes(bytes), size, &width, &height, &channels)) fail();
  height = std::abs(height);  // negative in BMP files stored top to bottom
  check_extent(width, height);
  // Limits decompression bombs: pixels take at most 8 bytes each, and stb doubles its buffers, that of the
  // packed data included, until they suffice.
  limit_stb(4096 + 2 * bytes.size() + size_t{16} * (width + 1) * (height + 1));
  const std::unique_ptr<stbi_uc, decltype(&stbi_image_free)> decoded(
      stbi_load_from_memory(as_stb_bytes(bytes), size, &width, &height, &channels, 3), &stbi_image_free);
  if (!decoded) fail();
  return at::from_blob(decoded.get(), {height, width, 3}, at::kByte).clone();
}

}  // namespace

DecodedImage decode_png(std::string_view bytes) {
  const int orientation = checked_png_orientation(bytes);
  const bool is_cut = stbi_is_16_bit_from_memory(as_stb_bytes(bytes), static_cast<int>(bytes.size())) != 0;
  return {decode_by_stb(bytes, "PNG"), orientation, is_cut};
}

DecodedImage decode_bmp(std::string_view bytes) {
  check_bmp_is_whole(bytes);
  return {decode_by_stb(bytes, "BMP")};
}

DecodedImage decode_gif(std::string_view bytes) {
  std::string opaque(bytes);
  for (const size_t flags : GifBlocks(bytes).skip_first_picture()) opaque[flags] &= ~1;
  return {decode_by_stb(opaque, "GIF")};
}

}  // namespace patronus
