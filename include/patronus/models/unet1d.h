#pragma once
#include <torch/nn/module.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>
#include <torch/nn/pimpl.h>

#include <vector>

#include "patronus/core/describe.h"

namespace patronus {

/// The latent model's network; YAML section `latent.unet`.
struct UNet1dConfig {
  int64_t base_channels = 64;
  std::vector<int64_t> multipliers{1, 2, 4};
  int64_t residual_blocks = 3;
  double dropout = 0.2;

  void describe(Fields& field) {
    field("base_channels", base_channels, "channels of the first level, a multiple of 8", between(8, 1024));
    field("multipliers", multipliers, "channels of each level, as multiples of base_channels",
          between(1, 16));
    field("residual_blocks", residual_blocks, "residual blocks per level", between(1, 8));
    field("dropout", dropout, "dropout in every residual block", between(0, 0.9));
  }

  /// Throws ConfigError for channels that GroupNorm cannot group, and unless there are 1 to 16 levels.
  void validate() const;
  /// Padded vector lengths are multiples of this, as every level but the first halves the length.
  int64_t length_multiple() const { return int64_t{1} << (multipliers.size() - 1); }
};

/// A block of the network: [B, C, L] to [B, C', L'].
class UNet1dBlockImpl : public torch::nn::Module {
 public:
  /// `time`: the time embedding, [B, 4 base_channels].
  virtual at::Tensor forward(const at::Tensor& x, const at::Tensor& time) = 0;
};

/// conv2(dropout(SiLU(norm2(conv1(SiLU(norm1(x))) + time)))) plus x. Registered names: `norm1`, `conv1`,
/// `time_emb_proj`, `norm2`, `conv2`, and `skip_connection` if the number of channels changes.
class ResidualBlock1dImpl : public UNet1dBlockImpl {
 public:
  ResidualBlock1dImpl(int64_t in_channels, int64_t out_channels, const UNet1dConfig& config);
  at::Tensor forward(const at::Tensor& x, const at::Tensor& time) override;

 private:
  double dropout_;
  torch::nn::GroupNorm norm1_;
  torch::nn::Conv1d conv1_;
  torch::nn::Linear time_emb_proj_;
  torch::nn::GroupNorm norm2_;
  torch::nn::Conv1d conv2_;
  torch::nn::Conv1d skip_connection_{nullptr};
};
TORCH_MODULE(ResidualBlock1d);

/// Denoiser of activation vectors (paper 3.4): convolutions along the vector, down through the levels and up
/// again. As in the reference, there are no skip connections between the two paths. Registered names are the
/// reference's (`time_emb`, `initial_conv`, `down_blocks`, `mid_block1`, `mid_block2`, `up_blocks`,
/// `final_conv`). A vector whose length the levels cannot halve evenly is zero-padded at its end and the
/// output cropped; the reference's network would return another length.
class UNet1dImpl : public torch::nn::Module {
 public:
  /// `timesteps`: T, the rows of the sinusoid table.
  UNet1dImpl(const UNet1dConfig& config, int64_t timesteps);

  /// `x_t`: [B, 1, L] with any L; `t`: int64 [B], 0 .. T-1. Returns the output [B, 1, L]: noise or v.
  at::Tensor forward(const at::Tensor& x_t, const at::Tensor& t);

 private:
  int64_t length_multiple_;
  torch::nn::Sequential time_blocks_{nullptr};
  torch::nn::Conv1d initial_conv_{nullptr};
  torch::nn::ModuleList down_blocks_{nullptr};
  ResidualBlock1d mid_block1_{nullptr};
  ResidualBlock1d mid_block2_{nullptr};
  torch::nn::ModuleList up_blocks_{nullptr};
  torch::nn::Conv1d final_conv_{nullptr};
};
TORCH_MODULE(UNet1d);

}  // namespace patronus
