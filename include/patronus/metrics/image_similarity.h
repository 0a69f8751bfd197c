#pragma once
#include <ATen/core/Tensor.h>

namespace patronus {

// Differences between images [B, C, H, W] with values in [-1, 1]: float64 [B], one value per image.

/// Mean squared error.
at::Tensor mse(const at::Tensor& a, const at::Tensor& b);

/// Peak signal-to-noise ratio in dB for the data range 2: 10 log10(4 / mse); infinite for equal images.
at::Tensor psnr(const at::Tensor& a, const at::Tensor& b);

/// Structural similarity (Wang et al. 2004): Gaussian window 11x11 with sigma 1.5, K1 = 0.01, K2 = 0.03, data
/// range 2; mean over channels and windows inside the image. Height and width must be at least 11.
at::Tensor ssim(const at::Tensor& a, const at::Tensor& b);

}  // namespace patronus
