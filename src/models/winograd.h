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

/// The transformed filters of `weight` [K, C, 3, 3], float32, four times its memory: points as of
/// winograd_kernel.h.
at::Tensor winograd_filters(const at::Tensor& weight);

/// The convolution of `x` [B, C, H, W] with `weight` [K, C, 3, 3] and `bias` [K] or undefined, [B, K, H, W]
/// in the type of `x`; for operands that `takes_winograd` takes, of any number of tiles. Products are in
/// float32 whatever the type is: in float32 its error is about ten times that of a direct sum (1e-5 of the
/// result's deviation), in bfloat16 it is smaller. A pixel that is not finite spoils the tiles that it is
/// near. Gradients are computed likewise, those of parameters in float32; asking for second derivatives is an
/// error. `filters`: those of `weight`, for a call without gradients, or undefined to transform them here.
at::Tensor winograd_convolution(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                                const at::Tensor& filters = {});

}  // namespace patronus
