#pragma once
#include <ATen/core/Tensor.h>

namespace patronus {

/// The spectral centroid of images [B, C, S, S], any floating type: the mean spatial frequency of their
/// energy, with the squared magnitude of the Fourier transform as weight. float64 [B] on the CPU, in cycles a
/// side, from 0 (a constant, or zeros) to about 0.7 S.
at::Tensor spectral_centroid(const at::Tensor& images);

}  // namespace patronus
