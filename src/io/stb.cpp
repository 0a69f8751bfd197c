// The implementations of stb's single-header libraries. PNG data is compressed by zlib, which is faster and
// packs better than stb's own compressor.
#include <zlib.h>

#include <cstdlib>

static unsigned char* compress_by_zlib(unsigned char* data, int length, int* packed_length, int level) {
  uLongf size = compressBound(static_cast<uLong>(length));
  auto* packed = static_cast<unsigned char*>(std::malloc(size));
  if (packed == nullptr) return nullptr;
  if (compress2(packed, &size, data, static_cast<uLong>(length), level) != Z_OK) {
    std::free(packed);
    return nullptr;
  }
  *packed_length = static_cast<int>(size);
  return packed;
}

#define STBIW_ZLIB_COMPRESS compress_by_zlib
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb_image.h>
#include <stb_image_write.h>
