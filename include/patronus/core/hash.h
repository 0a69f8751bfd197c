#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string_view>

namespace patronus {

/// XXH3 hash of `bytes`, with `key` as the seed so that hashes can be chained. Identifies results on disk.
uint64_t hash_of(std::string_view bytes, uint64_t key = 0);

/// Hash of a tensor's values, independent of its shape and device; seeded with `key`.
uint64_t hash_of(const at::Tensor& values, uint64_t key = 0);

}  // namespace patronus
