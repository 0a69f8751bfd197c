#include "patronus/core/hash.h"

#include <xxhash.h>

namespace patronus {

uint64_t hash_of(std::string_view bytes, uint64_t key) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), key);
}

uint64_t hash_of(const at::Tensor& values, uint64_t key) {
  const auto dense = values.cpu().contiguous();
  return XXH3_64bits_withSeed(dense.const_data_ptr(), dense.nbytes(), key);
}

}  // namespace patronus
