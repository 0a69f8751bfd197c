#pragma once
#include <ATen/core/Tensor.h>
#include <torch/nn/modules/normalization.h>
#include <torch/nn/pimpl.h>

namespace patronus {

/// Per-channel operations around a group normalisation. Each tensor is [B, C] (or [1, C] for the whole
/// batch), of any floating-point type; undefined: no operation.
struct ChannelModulation {
  at::Tensor before = {};  // added to x before normalisation
  at::Tensor scale = {};   // multiplies the normalised x by 1 + scale
  at::Tensor shift = {};   // added after the scale
  at::Tensor mask = {};    // multiplies the activated channels: dropout
};

/// Group normalisation with LibTorch's parameters and results, optionally with the following activation. For
/// channels-last images this is a single operation with its own backward pass (on GPUs only in builds with
/// nvcc), as separate LibTorch operators take several times as long as the convolutions on CPUs, and convert
/// layout and type twice on GPUs. The operation has no second derivatives; requesting them throws.
class GroupNormImpl : public torch::nn::GroupNormImpl {
 public:
  /// `channels`: a multiple of 8 and of `groups`.
  GroupNormImpl(int64_t groups, int64_t channels);
  /// Normalises `x`, [B, C, H, W] float32 or bfloat16, keeping type and layout.
  at::Tensor forward(const at::Tensor& x);
  /// mask SiLU(norm(x + before) (1 + scale) + shift), in the type and layout of `x`.
  at::Tensor silu(const at::Tensor& x, const ChannelModulation& modulation = {});
};
TORCH_MODULE(GroupNorm);

/// Channel dropout as a modulation mask: [B, C] float32 of 0 and 1 / (1 - probability), drawn for each
/// channel of `x` [B, C, ...] from its device's default generator. Undefined for probability 0.
at::Tensor channel_dropout_mask(const at::Tensor& x, double probability);

}  // namespace patronus
