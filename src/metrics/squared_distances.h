#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace patronus {

constexpr int64_t kDistanceRows = 512;  // per block of distances

/// [B, N], between rows of `a` and `b`, which should be centred: squared lengths far from the origin would
/// round the distances away. Values below rounding error become 0, as for equal rows.
at::Tensor squared_distances(const at::Tensor& a, const at::Tensor& b);

}  // namespace patronus
