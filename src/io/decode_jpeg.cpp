#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

// jpeglib.h needs these two included before it.
#include <cstddef>
#include <cstdio>

#include <jpeglib.h>
// jerror.h needs jpeglib.h included before it.
#include <jerror.h>

#include <csetjmp>
#include <string>

#include "io/decode_image.h"
#include "io/exif.h"
#include "patronus/core/error.h"

namespace patronus {
namespace {

/// libjpeg's error handler and messages. The cast in messages_of needs `manager` to be the first member.
struct JpegMessages {
  jpeg_error_mgr manager;
  std::jmp_buf give_up;
  char fatal[JMSG_LENGTH_MAX] = {};
  char loss[JMSG_LENGTH_MAX] = {};  // first warning about lost image data
  bool ended_early = false;
};

JpegMessages& messages_of(j_common_ptr jpeg) {
  return *reinterpret_cast<JpegMessages*>(jpeg->err);
}

void give_up(j_common_ptr jpeg) {
  jpeg->err->format_message(jpeg, messages_of(jpeg).fatal);
  std::longjmp(messages_of(jpeg).give_up, 1);
}

/// Whether a warning means lost image data; others concern odd headers and surplus bytes.
bool means_loss(int code) {
  switch (code) {
    case JWRN_ARITH_BAD_CODE:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_JPEG_EOF:
    case JWRN_MUST_RESYNC:
      return true;
    default:
      return false;
  }
}

void take_message(j_common_ptr jpeg, int level) {
  JpegMessages& messages = messages_of(jpeg);
  if (level >= 0 || !means_loss(jpeg->err->msg_code)) return;
  messages.ended_early |= jpeg->err->msg_code == JWRN_JPEG_EOF;
  if (messages.loss[0] == '\0') jpeg->err->format_message(jpeg, messages.loss);
}

/// Rejects tiny files with thousands of scans of a large image, hours of work; about ten scans are usual.
void limit_passes(j_common_ptr jpeg) {
  constexpr int kMaxPasses = 500;
  if (jpeg->is_decompressor && reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number > kMaxPasses)
    ERREXIT(jpeg, JERR_INPUT_EOF);
}

/// A decompressor with its error handling.
struct JpegReader {
  JpegMessages messages;
  jpeg_progress_mgr progress{};
  jpeg_decompress_struct jpeg{};

  explicit JpegReader(std::string_view bytes) {
    jpeg.err = jpeg_std_error(&messages.manager);
    messages.manager.error_exit = give_up;
    messages.manager.emit_message = take_message;
    jpeg_create_decompress(&jpeg);
    progress.progress_monitor = limit_passes;
    jpeg.progress = &progress;
    jpeg_mem_src(&jpeg, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    jpeg_save_markers(&jpeg, JPEG_APP0 + 1, 0xFFFF);
  }
  ~JpegReader() { jpeg_destroy_decompress(&jpeg); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  bool is_cmyk() const { return jpeg.out_color_space == JCS_CMYK; }
  std::string failure() const {
    const bool truncated = messages.ended_early && jpeg.err->msg_code == JERR_NO_IMAGE;
    return std::string("damaged JPEG: ") + (truncated ? "the file is truncated" : messages.fatal);
  }
};

// libjpeg reports fatal errors by longjmp back into these two functions, so they must not hold objects with
// destructors.

bool read_header(JpegReader& reader) {
  if (setjmp(reader.messages.give_up)) return false;
  jpeg_read_header(&reader.jpeg, TRUE);
  const bool four_inks = reader.jpeg.jpeg_color_space == JCS_CMYK || reader.jpeg.jpeg_color_space == JCS_YCCK;
  reader.jpeg.out_color_space = four_inks ? JCS_CMYK : JCS_RGB;
  return true;
}

bool read_rows(JpegReader& reader, unsigned char* pixels, size_t row_bytes) {
  if (setjmp(reader.messages.give_up)) return false;
  jpeg_start_decompress(&reader.jpeg);
  while (reader.jpeg.output_scanline < reader.jpeg.output_height) {
    unsigned char* row = pixels + reader.jpeg.output_scanline * row_bytes;
    jpeg_read_scanlines(&reader.jpeg, &row, 1);
  }
  jpeg_finish_decompress(&reader.jpeg);
  return true;
}

int orientation_of(const JpegReader& reader) {
  for (const auto* marker = reader.jpeg.marker_list; marker; marker = marker->next) {
    const std::string_view data(reinterpret_cast<const char*>(marker->data), marker->data_length);
    if (data.starts_with(kExifMark)) return exif_orientation(data);
  }
  return 1;
}

/// Converts CMYK [H, W, 4] to uint8 RGB [H, W, 3]. Values are taken as inverted (255: no ink), as Adobe
/// writes them and other readers assume.
at::Tensor rgb_from_inks(const at::Tensor& inks) {
  const auto light = inks.to(at::kInt);
  const auto black = light.narrow(2, 3, 1);
  const auto absorbed = (255 - light.narrow(2, 0, 3)) * black + 128;
  const auto share = (absorbed + absorbed.bitwise_right_shift(8)).bitwise_right_shift(8);  // / 255, rounded
  return (black - share).clamp_min(0).to(at::kByte);
}

}  // namespace

DecodedImage decode_jpeg(std::string_view bytes) {
  JpegReader reader(bytes);
  if (!read_header(reader)) throw DataError(reader.failure());
  check_extent(reader.jpeg.image_width, reader.jpeg.image_height);
  const int orientation = orientation_of(reader);  // before read_rows, which frees the markers
  const int64_t channels = reader.is_cmyk() ? 4 : 3;
  const int64_t height = reader.jpeg.image_height, width = reader.jpeg.image_width;
  const auto pixels = at::empty({height, width, channels}, at::kByte);
  if (!read_rows(reader, pixels.mutable_data_ptr<uint8_t>(), static_cast<size_t>(width * channels))) {
    throw DataError(reader.failure());
  }
  if (reader.messages.loss[0] != '\0') throw DataError(std::string("damaged JPEG: ") + reader.messages.loss);
  return {reader.is_cmyk() ? rgb_from_inks(pixels) : pixels, orientation};
}

}  // namespace patronus
