#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace patronus {

/// Stands for size and pixels of a picture, uint8 [C, H, W]: what tells copies from other pictures.
uint64_t picture_hash(const at::Tensor& picture);

}  // namespace patronus
