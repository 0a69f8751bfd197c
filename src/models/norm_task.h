#pragma once
#include <cstdint>

namespace patronus {

/// Group normalisation of one image [C, H, W] in channels-last layout; per channel:
///   n = (x + before - mean) rstd,  z = (weight n + bias) (1 + scale) + shift,  y = mask SiLU(z) (or mask z)
/// with mean and rstd over a group of neighbouring channels. Null modulation pointers stand for 0, a null
/// mask for 1.
struct NormTask {
  int64_t pixels;      // H W
  int64_t channels;    // C, also the stride between pixels
  int64_t group_size;  // channels per group
  bool silu;
  float eps;
  const float* weight;  // [C]
  const float* bias;    // [C]
  const float* before;  // [C], of this image
  const float* scale;   // [C]
  const float* shift;   // [C]
  const float* mask;    // [C]
  float* mean;  // [C / group_size], of this image: output of the forward pass, input of the backward pass
  float* rstd;  // [C / group_size]
};

/// Sums over the pixels of an image, each [C], from which the parameters' gradients are computed.
struct NormSums {
  float* dz;         // sum of dL/dz
  float* dz_normal;  // sum of dL/dz n
  float* dx;         // sum of dL/dx
};

}  // namespace patronus
