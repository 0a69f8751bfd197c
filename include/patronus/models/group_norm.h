#pragma once
#include <torch/nn/modules/normalization.h>
#include <torch/nn/pimpl.h>

namespace patronus {

/// Group normalisation with LibTorch's parameters and results. For channels-last images on the CPU it has
/// loops of its own: LibTorch's take up to 10 times as long there, more than the convolution before them.
class GroupNormImpl : public torch::nn::GroupNormImpl {
 public:
  /// `channels`: a multiple of 8 and of `groups`.
  GroupNormImpl(int64_t groups, int64_t channels);
  /// [B, C, H, W], float32 or bfloat16; the result has the type and layout of `x`.
  at::Tensor forward(const at::Tensor& x);
};
TORCH_MODULE(GroupNorm);

}  // namespace patronus
