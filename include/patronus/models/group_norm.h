#pragma once
#include <ATen/core/Tensor.h>
#include <torch/nn/modules/normalization.h>
#include <torch/nn/pimpl.h>

namespace patronus {

/// Changes of whole channels around a group normalisation. Every tensor is [B, C] (or [1, C], which serves
/// the whole batch), of any floating type; undefined tensors change nothing.
struct ChannelModulation {
  at::Tensor before = {};  // added to x before it is normalised
  at::Tensor scale = {};   // the normalised x is multiplied by 1 + scale
  at::Tensor shift = {};   // and this is added
  at::Tensor mask = {};    // factors on the activated channels: dropout
};

/// Group normalisation with LibTorch's parameters and results, alone or with the activation that follows it.
/// For channels-last images all of it is one operation with a backward of its own, on a GPU where the program
/// was built with nvcc. On the CPU LibTorch's operators, one after the other, take several times as long as
/// the convolutions between them; on a GPU they change the layout and the type of the images twice. Asking
/// that operation for second derivatives is an error.
class GroupNormImpl : public torch::nn::GroupNormImpl {
 public:
  /// `channels`: a multiple of 8 and of `groups`.
  GroupNormImpl(int64_t groups, int64_t channels);
  /// The normalised `x`, [B, C, H, W] float32 or bfloat16, in its type and layout.
  at::Tensor forward(const at::Tensor& x);
  /// mask SiLU(norm(x + before) (1 + scale) + shift), in the type and layout of `x`.
  at::Tensor silu(const at::Tensor& x, const ChannelModulation& modulation = {});
};
TORCH_MODULE(GroupNorm);

/// Dropout of whole channels as a modulation's mask: [B, C] float32 of 0 and 1 / (1 - probability), one draw
/// for each channel of `x` [B, C, ...] from its device's default generator. Undefined for probability 0.
at::Tensor channel_dropout_mask(const at::Tensor& x, double probability);

}  // namespace patronus
