#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <limits>

namespace patronus {

/// Stands for the value of an attribute that nobody knows of an image. Known values are 0, 1, 2 ...
inline constexpr int64_t kUnknown = -1;

/// Stands for a number that is not known.
inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Rows of `values` (int64 [N]) that are known: int64 [n], ascending.
at::Tensor known_rows(const at::Tensor& values);

}  // namespace patronus
