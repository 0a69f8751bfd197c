// Implementations of stb's single-header libraries. zlib compresses PNG data faster and better than stb.
// Unpacked data are limited (stb_limit.h).
#include <zlib.h>

#include <cstdint>
#include <cstdlib>

#include "io/stb_limit.h"

static thread_local std::size_t most_bytes = SIZE_MAX;

void patronus::limit_stb(std::size_t bytes) {
  most_bytes = bytes;
}

static void* reallocate_within_limit(void* memory, std::size_t size) {
  return size <= most_bytes ? std::realloc(memory, size) : nullptr;
}

static unsigned char* compress_by_zlib(unsigned char* data, int length, int* packed_length, int /*level*/) {
  uLongf size = compressBound(static_cast<uLong>(length));
  auto* packed = static_cast<unsigned char*>(std::malloc(size));
  if (packed == nullptr) return nullptr;
  // zlib's own level takes half the time of stb's, for a hundredth more bytes.
  if (compress(packed, &size, data, static_cast<uLong>(length)) != Z_OK) {
    std::free(packed);
    return nullptr;
  }
  *packed_length = static_cast<int>(size);
  return packed;
}

#define STBIW_ZLIB_COMPRESS compress_by_zlib
#define STBI_MALLOC std::malloc
#define STBI_FREE std::free
#define STBI_REALLOC reallocate_within_limit
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb_image.h>
#include <stb_image_write.h>
