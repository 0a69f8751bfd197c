#include "io/exif.h"

#include <ATen/Functions.h>

#include <cstdint>

#include "patronus/io/byte_reader.h"

namespace patronus {
namespace {

/// Reads unsigned integers of a TIFF structure in its byte order; 0 beyond the end.
class TiffNumbers {
 public:
  explicit TiffNumbers(std::string_view bytes)
      : bytes_(bytes),
        order_(bytes.starts_with(std::string_view("MM\0*", 4)) ? std::endian::big : std::endian::little) {}

  uint64_t at(size_t offset, size_t count) const {
    if (offset > bytes_.size() || bytes_.size() - offset < count) return 0;
    return load_unsigned(order_, bytes_, offset, count);
  }

 private:
  std::string_view bytes_;
  std::endian order_;
};

}  // namespace

int exif_orientation(std::string_view exif) {
  constexpr uint32_t kOrientation = 0x0112, kShort = 3;
  constexpr size_t kEntryBytes = 12;
  if (exif.starts_with(kExifMark)) exif.remove_prefix(kExifMark.size());
  const TiffNumbers number(exif);
  const size_t directory = number.at(4, 4);
  const size_t entries = number.at(directory, 2);
  for (size_t i = 0; i < entries; ++i) {
    const size_t entry = directory + 2 + i * kEntryBytes;
    if (number.at(entry, 2) != kOrientation) continue;
    const auto orientation = static_cast<int>(number.at(entry + 8, 2));
    return number.at(entry + 2, 2) == kShort && orientation >= 1 && orientation <= 8 ? orientation : 1;
  }
  return 1;
}

at::Tensor upright(const at::Tensor& pixels, int orientation) {
  constexpr int kFirstTransposed = 5;
  const bool mirrored = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
  const bool upside_down = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
  auto turned = orientation >= kFirstTransposed ? pixels.transpose(0, 1) : pixels;
  if (mirrored) turned = turned.flip({1});
  if (upside_down) turned = turned.flip({0});
  return turned.contiguous();
}

}  // namespace patronus
