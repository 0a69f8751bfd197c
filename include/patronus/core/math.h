#pragma once
#include <ATen/core/Tensor.h>

namespace patronus {

/// Spherical interpolation from `a` (weight 0) to `b` (weight 1), row by row: [B, ...] each, a row flattened
/// to one vector. With theta the angle between two rows,
///   (sin((1 - weight) theta) a + sin(weight theta) b) / sin(theta);
/// rows keep their own lengths, only the angle is taken from the normalised ones. Where theta is near 0 or pi
/// (or a row is zero) the great circle is not defined and the row is interpolated linearly. Keeps the dtype
/// of `a`. (For linear interpolation use `at::lerp`.)
at::Tensor slerp(const at::Tensor& a, const at::Tensor& b, double weight);

/// The effective rank (Roy and Vetterli 2007) of a matrix [M, N] of any floating type: exp of the entropy of
/// its singular values, scaled to sum to 1. From 1 to min(M, N); 0 for a matrix of zeros.
double effective_rank(const at::Tensor& matrix);

/// Images in [-1, 1], any shape, to uint8: clamped and rounded.
at::Tensor to_pixels(const at::Tensor& images);

// Differences between images [B, C, H, W] with values in [-1, 1], one float64 number per image: [B].

/// Mean squared error.
at::Tensor mse(const at::Tensor& a, const at::Tensor& b);

/// Peak signal-to-noise ratio in dB for the data range 2: 10 log10(4 / mse); infinite for equal images.
at::Tensor psnr(const at::Tensor& a, const at::Tensor& b);

/// Structural similarity (Wang et al. 2004): Gaussian window 11x11 with sigma 1.5, K1 = 0.01, K2 = 0.03, data
/// range 2; mean over channels and over the windows that lie inside the image. Height and width must be at
/// least 11.
at::Tensor ssim(const at::Tensor& a, const at::Tensor& b);

}  // namespace patronus
