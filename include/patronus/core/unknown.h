#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <limits>

namespace patronus {

/// Marks an unknown attribute value. Known values are 0, 1, 2 ...
inline constexpr int64_t kUnknown = -1;

/// Marks an unknown number.
inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Rows of `values` (int64 [N]) that are not kUnknown: int64 [n], ascending.
at::Tensor known_rows(const at::Tensor& values);

}  // namespace patronus
