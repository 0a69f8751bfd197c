#include <ATen/Functions.h>
#include <tiffio.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>

#include "io/decode_image.h"
#include "patronus/core/error.h"

namespace patronus {
namespace {

/// libtiff's first error on this thread; its error handler is global.
thread_local std::string tiff_failure;

void take_tiff_error(const char*, const char* format, va_list arguments) {
  char text[256];
  std::vsnprintf(text, sizeof text, format, arguments);
  if (tiff_failure.empty()) tiff_failure = text;
}

void listen_to_tiff() {
  static std::once_flag once;
  std::call_once(once, [] {
    TIFFSetErrorHandler(take_tiff_error);
    TIFFSetWarningHandler(nullptr);
  });
  tiff_failure.clear();
}

[[noreturn]] void fail_tiff() {
  throw DataError("damaged TIFF: " + (tiff_failure.empty() ? "the file is truncated" : tiff_failure));
}

/// A file in memory, as input for libtiff.
struct TiffBytes {
  std::string_view bytes;
  size_t place = 0;

  static TiffBytes& of(thandle_t handle) { return *static_cast<TiffBytes*>(handle); }
};

tmsize_t read_tiff(thandle_t handle, void* target, tmsize_t count) {
  TiffBytes& file = TiffBytes::of(handle);
  if (file.place >= file.bytes.size()) return 0;
  const size_t got = file.bytes.copy(static_cast<char*>(target), static_cast<size_t>(count), file.place);
  file.place += got;
  return static_cast<tmsize_t>(got);
}

tmsize_t write_nothing(thandle_t, void*, tmsize_t) {
  return 0;
}

toff_t seek_tiff(thandle_t handle, toff_t offset, int from) {
  TiffBytes& file = TiffBytes::of(handle);
  const size_t base = from == SEEK_SET ? 0 : from == SEEK_CUR ? file.place : file.bytes.size();
  file.place = base + static_cast<size_t>(offset);
  return file.place;
}

int close_nothing(thandle_t) {
  return 0;
}

toff_t tiff_size(thandle_t handle) {
  return TiffBytes::of(handle).bytes.size();
}

using Tiff = std::unique_ptr<TIFF, decltype(&TIFFClose)>;

/// Declares unassociated alpha as associated, so that libtiff does not premultiply: as in the other formats,
/// transparency is ignored.
void keep_colours_of_transparent_pixels(TIFF* tiff) {
  uint16_t count = 0;
  uint16_t* kinds = nullptr;
  if (!TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds) || count == 0) return;
  std::vector<uint16_t> changed(kinds, kinds + count);
  changed[0] = EXTRASAMPLE_ASSOCALPHA;
  TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, count, changed.data());
}

/// Uint8 [H, W, 3], in the order stored in the file.
at::Tensor stored_pixels(TIFF* tiff, uint32_t width, uint32_t height, uint16_t orientation) {
  const auto raster = at::empty({height, width, 4}, at::kByte);
  auto* words = reinterpret_cast<uint32_t*>(raster.mutable_data_ptr<uint8_t>());
  // Requesting the file's own orientation avoids any rotation.
  if (!TIFFReadRGBAImageOriented(tiff, width, height, words, orientation, /*stop_on_error=*/1)) fail_tiff();
  return raster.narrow(2, 0, 3).contiguous();
}

}  // namespace

DecodedImage decode_tiff(std::string_view bytes) {
  listen_to_tiff();
  TiffBytes file{bytes};
  const Tiff tiff(TIFFClientOpen("image", "rm", &file, read_tiff, write_nothing, seek_tiff, close_nothing,
                                 tiff_size, nullptr, nullptr),
                  &TIFFClose);
  if (!tiff) fail_tiff();
  uint32_t width = 0, height = 0;
  uint16_t orientation = ORIENTATION_TOPLEFT, bits = 8;
  TIFFGetField(tiff.get(), TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField(tiff.get(), TIFFTAG_IMAGELENGTH, &height);
  TIFFGetFieldDefaulted(tiff.get(), TIFFTAG_ORIENTATION, &orientation);
  TIFFGetFieldDefaulted(tiff.get(), TIFFTAG_BITSPERSAMPLE, &bits);
  check_extent(width, height);
  keep_colours_of_transparent_pixels(tiff.get());
  return {stored_pixels(tiff.get(), width, height, orientation), orientation, bits > 8};
}

}  // namespace patronus
