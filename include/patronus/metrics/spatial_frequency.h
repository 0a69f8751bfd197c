#pragma once
#include <ATen/core/Tensor.h>

namespace patronus {

/// Spectral centroid of images [B, C, S, S], any floating-point type: mean spatial frequency weighted by the
/// squared magnitude of the Fourier transform. float64 [B] on the CPU, in cycles per side, from 0 (constant
/// or zero images) to about 0.7 S.
at::Tensor spectral_centroid(const at::Tensor& images);

}  // namespace patronus
