#pragma once
#include <ATen/core/Tensor.h>

namespace patronus {

/// Whether this processor has AVX2 or better, with which Winograd convolutions were measured to be faster.
bool cpu_supports_winograd();

/// Whether a 3 x 3 convolution with padding 1 is computed by Winograd's minimal filtering: on suitable
/// processors, for channels-last images `x` [B, C, H, W] in float32 or (without AMX) bfloat16, a float32
/// `weight` [K, C, 3, 3], C and K multiples of 16, and images large enough to be faster than LibTorch.
bool can_use_winograd(const at::Tensor& x, const at::Tensor& weight);

/// Transformed filters of `weight` [K, C, 3, 3] for images of float32 or bfloat16. They take four times the
/// memory of the weight, or nine tenths of it with bfloat16 products.
at::Tensor winograd_filters(const at::Tensor& weight, at::ScalarType images);

/// Convolves `x` [B, C, H, W] with `weight` [K, C, 3, 3] and `bias` [K] (or undefined): [B, K, H, W] in the
/// type of `x`. The operands must satisfy `can_use_winograd`, except that the number of tiles is free.
/// bfloat16 images, on processors fast at it, use bfloat16 products and float32 sums, F(2 x 2, 3 x 3): 1.8
/// times the error of a direct sum. All others use float32 products, F(4 x 4, 3 x 3): for float32, about ten
/// times the error of a direct sum (1e-5 of the result's deviation); for bfloat16, a smaller one. A
/// non-finite pixel spoils the tiles near it. Gradients are computed likewise, the weight's with float32
/// products, parameters' in float32; second derivatives are an error. `filters`: `winograd_filters` of
/// `weight`, only without gradients; if undefined, they are computed.
at::Tensor winograd_convolution(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                                const at::Tensor& filters = {});

}  // namespace patronus
