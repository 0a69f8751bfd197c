#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace patronus {

/// Stands for the value of an attribute that nobody knows of an image. Known values are 0, 1, 2 ...
inline constexpr int64_t kUnknown = -1;

/// Rows of `values` (int64 [N]) that are known: int64 [n], ascending.
at::Tensor known_rows(const at::Tensor& values);

}  // namespace patronus
