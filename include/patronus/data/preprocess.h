#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace patronus {

/// The picture with `channels` 1 or 3: RGB becomes gray as (19595 R + 38470 G + 7471 B + 32768) >> 16, gray
/// is repeated. uint8 [C, H, W] to uint8 [channels, H, W].
at::Tensor with_channels(const at::Tensor& pixels, int64_t channels);

/// The largest square around the centre (the upper left one of two). [C, H, W] to [C, s, s].
at::Tensor centre_crop(const at::Tensor& pixels);

/// uint8 [C, H, W] to float32 [C, size, size], nominally in [-1, 1]: x / 255, bicubic antialiased resize (a =
/// -0.5, each side by itself), 2 x - 1. Overshoot of the resize is kept (within 1.57 of 0); a picture of the
/// right size is not touched.
at::Tensor preprocess(const at::Tensor& pixels, int64_t size);

}  // namespace patronus
