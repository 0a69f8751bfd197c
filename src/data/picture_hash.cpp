#include "data/picture_hash.h"

#include <zlib.h>

#include "patronus/core/random.h"

namespace patronus {

uint64_t picture_hash(const at::Tensor& picture) {
  const auto pixels = picture.contiguous();
  const auto* bytes = static_cast<const Bytef*>(pixels.const_data_ptr());
  const uint64_t content =
      uint64_t{crc32_z(0, bytes, pixels.nbytes())} << 32 | adler32_z(1, bytes, pixels.nbytes());
  return derive_seed(content, "", static_cast<uint64_t>(pixels.size(2)));
}

}  // namespace patronus
