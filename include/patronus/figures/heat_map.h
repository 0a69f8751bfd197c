#pragma once
#include <ATen/core/Tensor.h>

namespace patronus {

/// Maps numbers from 0 (dark blue) over red to 1 (light yellow), clamped: float [H, W] to uint8 [3, H, W].
/// Perceptually uniform: equal steps are nearly equal in CIELAB, and lightness increases throughout.
at::Tensor heat_colors(const at::Tensor& values);

/// Overlays the colours of `values` [H, W] on the gray of `picture`, uint8 [1 or 3, h, w], enlarged to the
/// same size by a whole factor: uint8 [3, H, W].
at::Tensor draw_heat_map(const at::Tensor& values, const at::Tensor& picture);

}  // namespace patronus
