#pragma once
#include <torch/nn/module.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/pimpl.h>

#include <string>
#include <vector>

#include "patronus/models/cast_layers.h"
#include "patronus/models/group_norm.h"

namespace patronus {

/// Number of groups of every normalisation, as in the reference.
constexpr int64_t kNormGroups = 8;

/// Throws ConfigError unless `base_channels` is a multiple of the number of groups and there are 1 to 16
/// `multipliers`. `section`: section of these settings, for messages.
void check_levels(const std::string& section, int64_t base_channels, const std::vector<int64_t>& multipliers);

/// A 3 x 3 convolution that keeps the image size, or divides it by the stride.
Conv2d conv3x3(int64_t in, int64_t out, int64_t stride = 1);

/// How activations enter a residual block: added before its second norm (paper), as scale and shift after it,
/// or not at all (the unconditional twin of paper, section 3.5).
enum class ConditionKind { kAdd, kScaleShift, kOff };
inline std::vector<std::string> enum_names(ConditionKind) {
  return {"add", "scale_shift", "off"};
}

/// Embeddings [B, E] for residual blocks, or a block's own projections of them, [B, C']. `condition` is
/// undefined without a condition.
struct Embeddings {
  at::Tensor time;
  at::Tensor condition;
};

/// A block of the UNet: [B, C, H, W] to [B, C', H', W'].
class UNetBlockImpl : public torch::nn::Module {
 public:
  /// `projected`: the block's projections of the embeddings (ResidualBlockImpl::time_projection); ignored by
  /// other blocks.
  virtual at::Tensor forward(const at::Tensor& x, const Embeddings& projected) = 0;
};

/// Self-attention of 4 heads over all pixels, [B, N, C] to [B, N, C].
/// Registered names: `in_proj_weight`, `in_proj_bias`, `out_proj`.
class SelfAttentionImpl : public torch::nn::Module {
 public:
  explicit SelfAttentionImpl(int64_t channels);
  at::Tensor forward(const at::Tensor& pixels);

 private:
  at::Tensor in_proj_weight_;  // [3 C, C]: queries, keys, values
  at::Tensor in_proj_bias_;    // [3 C]
  CachedCast cast_weight_, cast_bias_;
  Linear out_proj_;
};
TORCH_MODULE(SelfAttention);

/// x + self-attention(GroupNorm(x)), [B, C, H, W]. Registered names: `group_norm`, `mhsa`.
class AttentionBlockImpl : public torch::nn::Module {
 public:
  explicit AttentionBlockImpl(int64_t channels);
  at::Tensor forward(const at::Tensor& x);

 private:
  GroupNorm group_norm_;
  SelfAttention mhsa_;
};
TORCH_MODULE(AttentionBlock);

struct ResidualBlockOptions {
  int64_t in_channels;
  int64_t out_channels;
  int64_t embedding;  // length E of both embeddings
  double dropout = 0;
  bool attention = false;
  ConditionKind condition = ConditionKind::kAdd;
};

/// conv(SiLU(norm(x))), plus both embeddings, conv(dropout(SiLU(norm(.)))), plus x; attention last. With
/// `kScaleShift` the condition is applied after the second norm (adaptive group normalisation, Dhariwal and
/// Nichol 2021): norm(.) (1 + scale) + shift.
/// Registered names: `normlize_1`, `conv_1`, `dense_1` (time), `dense_2` (condition: C values added, or C
/// scales and C shifts; absent with `kOff`), `normlize_2`, `conv_2`, `match_input` if the number of channels
/// changes, `attention` if present.
class ResidualBlockImpl : public UNetBlockImpl {
 public:
  explicit ResidualBlockImpl(const ResidualBlockOptions& options);
  at::Tensor forward(const at::Tensor& x, const Embeddings& projected) override;

  /// Projections of SiLU of the embeddings: [B, E] to [B, C']; that of the condition to [B, 2 C'] with
  /// `kScaleShift`, and empty with `kOff`. The UNet computes them for all blocks together.
  const Linear& time_projection() const { return time_projection_; }
  const Linear& condition_projection() const { return condition_projection_; }

 private:
  ChannelModulation modulation(const at::Tensor& h, const Embeddings& projected);

  double dropout_;
  ConditionKind condition_;
  GroupNorm norm_1_;
  Conv2d conv_1_;
  Linear time_projection_;
  Linear condition_projection_{nullptr};
  GroupNorm norm_2_;
  Conv2d conv_2_;
  Conv2d match_input_{nullptr};
  AttentionBlock attention_{nullptr};
};
TORCH_MODULE(ResidualBlock);

/// Halves height and width with a strided convolution, registered as `downsample`.
class DownsampleImpl : public UNetBlockImpl {
 public:
  explicit DownsampleImpl(int64_t channels);
  at::Tensor forward(const at::Tensor& x, const Embeddings& projected) override;

 private:
  Conv2d conv_;
};
TORCH_MODULE(Downsample);

/// Doubles height and width by repeating pixels, followed by a convolution, registered as `upsample.1`.
class UpsampleImpl : public UNetBlockImpl {
 public:
  explicit UpsampleImpl(int64_t channels);
  at::Tensor forward(const at::Tensor& x, const Embeddings& projected) override;

 private:
  torch::nn::Sequential upsample_;
};
TORCH_MODULE(Upsample);

}  // namespace patronus
