#pragma once
#include <cstdint>

namespace patronus {

/// What group normalisation does to one image [C, H, W] in channels-last layout, channel by channel:
///   n = (x + before - mean) rstd,  z = (weight n + bias) (1 + scale) + shift,  y = mask SiLU(z) (or mask z)
/// with mean and rstd over a group of neighbouring channels. Pointers of the modulation may be null: 0, and 1
/// for the mask.
struct NormTask {
  int64_t pixels;      // H W
  int64_t channels;    // C, the distance between two pixels
  int64_t group_size;  // channels a group
  bool silu;
  float eps;
  const float* weight;  // [C]
  const float* bias;    // [C]
  const float* before;  // [C], of this image
  const float* scale;   // [C]
  const float* shift;   // [C]
  const float* mask;    // [C]
  float* mean;          // [C / group_size], of this image: written forwards, read backwards
  float* rstd;          // [C / group_size]
};

/// Sums over the pixels of an image, each [C]; what the gradients of the parameters are made of.
struct NormSums {
  float* dz;         // sum of dL/dz
  float* dz_normal;  // sum of dL/dz n
  float* dx;         // sum of dL/dx
};

}  // namespace patronus
