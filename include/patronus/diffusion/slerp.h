#pragma once
#include <ATen/core/Tensor.h>

namespace patronus {

/// Spherical interpolation from `a` (weight 0) to `b` (weight 1), row by row: [B, ...] each, a row flattened
/// to one vector. With theta the angle between two rows,
///   (sin((1 - weight) theta) a + sin(weight theta) b) / sin(theta).
/// Rows are not normalised except to compute theta. Interpolates linearly where theta is near 0 or pi, or a
/// row is zero, as the great circle is then undefined. Keeps the dtype of `a`. (For linear interpolation use
/// `at::lerp`.)
at::Tensor slerp(const at::Tensor& a, const at::Tensor& b, double weight);

}  // namespace patronus
