#pragma once
#include <ATen/core/Tensor.h>

namespace patronus {

/// Colours for numbers from 0 (dark blue) over red to 1 (light yellow), clamped: float [H, W] to uint8 [3, H,
/// W]. Even in what the eye sees: equal steps of the number are nearly equal steps in CIELAB, lightness rises
/// all along.
at::Tensor heat_colors(const at::Tensor& values);

/// The colours of `values` [H, W] laid over the gray of `picture`, uint8 [1 or 3, h, w], which is enlarged by
/// the whole factor between the two: uint8 [3, H, W].
at::Tensor draw_heat_map(const at::Tensor& values, const at::Tensor& picture);

}  // namespace patronus
