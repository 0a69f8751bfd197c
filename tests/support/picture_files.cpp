#include "support/picture_files.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <unistd.h>
#include <zlib.h>

// jpeglib.h needs these two before it.
#include <cstddef>
#include <cstdio>

#include <jpeglib.h>
#include <tiffio.h>
#include <webp/encode.h>

#include <cstdlib>

#include "support/run_program.h"

namespace patronus::test {
namespace {

/// uint8 [C, H, W] as rows of pixels.
at::Tensor interleaved(const at::Tensor& pixels) {
  return pixels.permute({1, 2, 0}).contiguous();
}

std::string big_endian_32(uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
  return bytes;
}

std::string little_endian_16(int64_t value) {
  return {static_cast<char>(value), static_cast<char>(value >> 8)};
}

}  // namespace

std::string gray_png(int64_t height, int64_t width, int bits, const std::string& rows) {
  uLongf size = compressBound(rows.size());
  std::string packed(size, '\0');
  compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(rows.data()),
           rows.size());
  packed.resize(size);
  const auto chunk = [](const std::string& content) {  // with its type in front
    const auto sum =
        crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size()));
    return big_endian_32(static_cast<uint32_t>(content.size() - 4)) + content +
           big_endian_32(static_cast<uint32_t>(sum));
  };
  const std::string extent =
      big_endian_32(static_cast<uint32_t>(width)) + big_endian_32(static_cast<uint32_t>(height));
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR" + extent + static_cast<char>(bits) + std::string(4, '\0')) +
         chunk("IDAT" + packed) + chunk("IEND");
}

std::string sixteen_bit_png(const at::Tensor& pixels) {
  std::string rows;
  for (int64_t y = 0; y < pixels.size(0); ++y) {
    rows += '\0';  // no filter
    for (int64_t x = 0; x < pixels.size(1); ++x) {
      const auto value = pixels[y][x].item<int32_t>();
      rows += {static_cast<char>(value >> 8), static_cast<char>(value)};
    }
  }
  return gray_png(pixels.size(0), pixels.size(1), 16, rows);
}

at::Tensor gradient(int64_t channels, int64_t height, int64_t width) {
  const auto c = at::arange(channels).view({-1, 1, 1}) * 40;
  const auto y = at::arange(height).view({1, -1, 1}) * 3;
  const auto x = at::arange(width).view({1, 1, -1}) * 2;
  return (c + y + x).remainder(256).to(at::kByte);
}

std::string jpeg_bytes(const at::Tensor& pixels, const std::string& exif) {
  const auto rows = interleaved(pixels);
  jpeg_error_mgr errors;
  jpeg_compress_struct jpeg{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &bytes, &size);
  jpeg.image_height = static_cast<JDIMENSION>(rows.size(0));
  jpeg.image_width = static_cast<JDIMENSION>(rows.size(1));
  jpeg.input_components = static_cast<int>(rows.size(2));
  jpeg.in_color_space = jpeg.input_components == 1   ? JCS_GRAYSCALE
                        : jpeg.input_components == 3 ? JCS_RGB
                                                     : JCS_CMYK;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, 95, TRUE);
  jpeg_start_compress(&jpeg, TRUE);
  const std::string marker = exif.empty() ? "" : std::string("Exif\0\0", 6) + exif;
  if (!exif.empty()) {
    jpeg_write_marker(&jpeg, JPEG_APP0 + 1, reinterpret_cast<const JOCTET*>(marker.data()),
                      static_cast<unsigned>(marker.size()));
  }
  for (int64_t y = 0; y < rows.size(0); ++y) {
    JSAMPROW row = rows[y].data_ptr<uint8_t>();
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  std::string file(reinterpret_cast<char*>(bytes), size);
  std::free(bytes);
  return file;
}

std::string webp_bytes(const at::Tensor& pixels) {
  const auto rows = interleaved(pixels);
  uint8_t* bytes = nullptr;
  const size_t size =
      WebPEncodeLosslessRGB(rows.data_ptr<uint8_t>(), static_cast<int>(rows.size(1)),
                            static_cast<int>(rows.size(0)), static_cast<int>(rows.size(1) * 3), &bytes);
  std::string file(reinterpret_cast<char*>(bytes), size);
  WebPFree(bytes);
  return file;
}

std::string tiff_bytes(const at::Tensor& pixels, int orientation) {
  const auto rows = interleaved(pixels);
  const TemporaryFolder folder;
  TIFF* tiff = TIFFOpen((folder / "t.tif").c_str(), "w");
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, static_cast<uint32_t>(rows.size(0)));
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, static_cast<uint32_t>(rows.size(1)));
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, static_cast<uint16_t>(rows.size(2)));
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
  TIFFSetField(tiff, TIFFTAG_ORIENTATION, orientation);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, rows.size(2) == 1 ? PHOTOMETRIC_MINISBLACK : PHOTOMETRIC_RGB);
  uint16_t alpha = EXTRASAMPLE_UNASSALPHA;
  if (rows.size(2) == 4) TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &alpha);
  for (int64_t y = 0; y < rows.size(0); ++y)
    TIFFWriteScanline(tiff, rows[y].data_ptr<uint8_t>(), static_cast<uint32_t>(y), 0);
  TIFFClose(tiff);
  return file_text(folder / "t.tif");
}

std::string gif_bytes(const at::Tensor& indices, const at::Tensor& palette) {
  constexpr int kBits = 7;  // codes of 8 bits; a clear code comes before they would grow
  const auto size = little_endian_16(indices.size(1)) + little_endian_16(indices.size(0));
  std::string file = "GIF89a" + size + char(0x80 | (kBits - 1)) + std::string(2, '\0');
  file.append(static_cast<const char*>(palette.contiguous().const_data_ptr()), 3 << kBits);
  file += ',' + std::string(4, '\0') + size + '\0' + char(kBits);
  std::string codes;
  const auto flat = indices.flatten();
  for (int64_t i = 0; i < flat.numel(); ++i) {
    if (i % 100 == 0) codes += char(0x80);
    codes += static_cast<char>(flat[i].item<int64_t>());
  }
  codes += char(0x81);
  for (size_t place = 0; place < codes.size(); place += 255) {
    const std::string block = codes.substr(place, 255);
    file += static_cast<char>(block.size()) + block;
  }
  return file + '\0' + ';';
}

std::string exif_bytes(int orientation, const std::string& order) {
  const auto number = [&](int64_t value, size_t bytes) {
    std::string text;
    for (size_t i = 0; i < bytes; ++i) {
      const size_t place = order == "II" ? i : bytes - 1 - i;
      text += static_cast<char>(value >> (8 * place));
    }
    return text;
  };
  return order + number(42, 2) + number(8, 4) + number(1, 2) + number(0x0112, 2) + number(3, 2) +
         number(1, 4) + number(orientation, 2) + number(0, 2) + number(0, 4);
}

std::string with_exif(const std::string& png, const std::string& exif) {
  constexpr size_t kSignatureAndHeader = 8 + 25;
  const std::string checked = "eXIf" + exif;
  const auto checksum =
      crc32(0, reinterpret_cast<const Bytef*>(checked.data()), static_cast<uInt>(checked.size()));
  std::string file = png;
  return file.insert(kSignatureAndHeader, big_endian_32(static_cast<uint32_t>(exif.size())) + checked +
                                              big_endian_32(static_cast<uint32_t>(checksum)));
}

}  // namespace patronus::test
