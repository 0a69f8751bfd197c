#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string_view>

namespace patronus {

/// A number that stands for `bytes` (XXH3), after what `key` stands for. Results on disk are known by it.
uint64_t hash_of(std::string_view bytes, uint64_t key = 0);

/// The same of a tensor's numbers, whatever its shape and device.
uint64_t hash_of(const at::Tensor& values, uint64_t key = 0);

}  // namespace patronus
