#include <ATen/Functions.h>
#include <webp/decode.h>
#include <webp/demux.h>

#include <memory>

#include "io/decode_image.h"
#include "io/exif.h"
#include "patronus/core/error.h"

namespace patronus {
namespace {

int webp_orientation(const WebPDemuxer* container) {
  WebPChunkIterator chunk;
  int orientation = 1;
  if (WebPDemuxGetChunk(container, "EXIF", 1, &chunk)) {
    orientation = exif_orientation({reinterpret_cast<const char*>(chunk.chunk.bytes), chunk.chunk.size});
  }
  WebPDemuxReleaseChunkIterator(&chunk);
  return orientation;
}

}  // namespace

DecodedImage decode_webp(std::string_view bytes) {
  const WebPData data{reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(data.bytes, data.size, &features) != VP8_STATUS_OK)
    throw DataError("damaged WebP: its header");
  check_extent(features.width, features.height);
  WebPAnimDecoderOptions options;
  WebPAnimDecoderOptionsInit(&options);
  options.color_mode = MODE_RGBA;
  const std::unique_ptr<WebPAnimDecoder, decltype(&WebPAnimDecoderDelete)> decoder(
      WebPAnimDecoderNew(&data, &options), &WebPAnimDecoderDelete);
  if (!decoder) throw DataError("damaged WebP: the file is truncated");
  uint8_t* rgba = nullptr;
  int end_ms = 0;
  if (!WebPAnimDecoderGetNext(decoder.get(), &rgba, &end_ms)) throw DataError("damaged WebP: its pixels");
  const auto pixels = at::from_blob(rgba, {features.height, features.width, 4}, at::kByte);
  // The decoder frees its pixels, so they must be copied; contiguous() would not copy a single pixel.
  return {pixels.narrow(2, 0, 3).clone(at::MemoryFormat::Contiguous),
          webp_orientation(WebPAnimDecoderGetDemuxer(decoder.get()))};
}

}  // namespace patronus
