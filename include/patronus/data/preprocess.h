#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace patronus {

/// Converts uint8 [C, H, W] to uint8 [channels, H, W], `channels` 1 or 3: RGB to gray as (19595 R + 38470 G +
/// 7471 B + 32768) >> 16; gray to RGB by repetition.
at::Tensor with_channels(const at::Tensor& pixels, int64_t channels);

/// Crops the largest centred square (the upper left one of two): [C, H, W] to [C, s, s].
at::Tensor centre_crop(const at::Tensor& pixels);

/// Converts uint8 [C, H, W] to float32 [C, size, size], nominally in [-1, 1]: x / 255, antialiased bicubic
/// resize (a = -0.5, each side separately), 2 x - 1. Keeps overshoot (absolute values up to 1.57); does not
/// resample a picture that has the right size.
at::Tensor preprocess(const at::Tensor& pixels, int64_t size);

}  // namespace patronus
