#pragma once
#include <ATen/core/Tensor.h>

namespace patronus {

/// Whether this processor has AVX2 or more, with which Winograd's convolutions were measured to be faster.
bool processor_takes_winograd();

/// Whether a convolution of 3 x 3 pixels, padded by one, is computed by Winograd's minimal filtering: on
/// processors that take it, for images `x` [B, C, H, W] in channels-last layout and float32 or bfloat16,
/// `weight` [K, C, 3, 3] float32, where C and K are multiples of 16 and the images are large enough that it
/// is faster than LibTorch's.
bool takes_winograd(const at::Tensor& x, const at::Tensor& weight);

/// The transformed filters of `weight` [K, C, 3, 3], for images of float32 or bfloat16: four times the memory
/// of the weight, or nine tenths of it where products are in bfloat16.
at::Tensor winograd_filters(const at::Tensor& weight, at::ScalarType images);

/// The convolution of `x` [B, C, H, W] with `weight` [K, C, 3, 3] and `bias` [K] or undefined, [B, K, H, W]
/// in the type of `x`; for operands that `takes_winograd` takes, of any number of tiles. Of bfloat16, where
/// the processor is fast at it, products are in bfloat16 and sums in float32, F(2 x 2, 3 x 3): the error
/// is 1.8 times that of a direct sum. Otherwise products are in float32, F(4 x 4, 3 x 3): the error of
/// float32 is about ten times that of a direct sum (1e-5 of the result's deviation), that of bfloat16 is
/// smaller. A pixel that is not finite spoils the tiles that it is near. Gradients are computed likewise,
/// that of the weight with products in float32 and those of parameters in float32; asking for second
/// derivatives is an error. `filters`: those of `weight` for images of this type, for a call without
/// gradients, or undefined to transform them here.
at::Tensor winograd_convolution(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                                const at::Tensor& filters = {});

}  // namespace patronus
