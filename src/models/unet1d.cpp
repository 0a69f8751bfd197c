#include "patronus/models/unet1d.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/embedding.h>

#include "models/sinusoid_table.h"
#include "patronus/models/unet_blocks.h"

namespace patronus {
namespace {

using torch::nn::Conv1d;
using torch::nn::Conv1dOptions;

constexpr int64_t kTimeMultiple = 4;

torch::nn::GroupNorm group_norm(int64_t channels) {
  return torch::nn::GroupNorm(torch::nn::GroupNormOptions(kNormGroups, channels));
}

Conv1d conv3(int64_t in, int64_t out) {
  return Conv1d(Conv1dOptions(in, out, 3).padding(1));
}

/// Halves the length; a strided convolution, registered as `down`.
class Downsample1d : public UNet1dBlockImpl {
 public:
  explicit Downsample1d(int64_t channels)
      : conv_(register_module("down", Conv1d(Conv1dOptions(channels, channels, 4).stride(2).padding(1)))) {}
  at::Tensor forward(const at::Tensor& x, const at::Tensor&) override { return conv_(x); }

 private:
  Conv1d conv_;
};

/// Doubles the length; a transposed convolution, registered as `up`.
class Upsample1d : public UNet1dBlockImpl {
 public:
  explicit Upsample1d(int64_t channels)
      : conv_(register_module(
            "up", torch::nn::ConvTranspose1d(
                      torch::nn::ConvTranspose1dOptions(channels, channels, 4).stride(2).padding(1)))) {}
  at::Tensor forward(const at::Tensor& x, const at::Tensor&) override { return conv_(x); }

 private:
  torch::nn::ConvTranspose1d conv_;
};

at::Tensor run_blocks(const torch::nn::ModuleList& blocks, at::Tensor x, const at::Tensor& time) {
  for (const auto& block : *blocks) x = block->as<UNet1dBlockImpl>()->forward(x, time);
  return x;
}

}  // namespace

void UNet1dConfig::validate() const {
  check_levels("latent.unet", base_channels, multipliers);
}

ResidualBlock1dImpl::ResidualBlock1dImpl(int64_t in_channels, int64_t out_channels,
                                         const UNet1dConfig& config)
    : dropout_(config.dropout),
      norm1_(register_module("norm1", group_norm(in_channels))),
      conv1_(register_module("conv1", conv3(in_channels, out_channels))),
      time_emb_proj_(register_module("time_emb_proj",
                                     torch::nn::Linear(config.base_channels * kTimeMultiple, out_channels))),
      norm2_(register_module("norm2", group_norm(out_channels))),
      conv2_(register_module("conv2", conv3(out_channels, out_channels))) {
  if (in_channels == out_channels) return;
  skip_connection_ = register_module("skip_connection", Conv1d(Conv1dOptions(in_channels, out_channels, 1)));
}

at::Tensor ResidualBlock1dImpl::forward(const at::Tensor& x, const at::Tensor& time) {
  auto h = conv1_(at::silu(norm1_(x))) + time_emb_proj_(time).unsqueeze(-1);
  h = conv2_(at::dropout(at::silu(norm2_(h)), dropout_, is_training()));
  return h + (skip_connection_ ? skip_connection_(x) : x);
}

UNet1dImpl::UNet1dImpl(const UNet1dConfig& config, int64_t timesteps)
    : length_multiple_(config.length_multiple()) {
  using torch::nn::Linear;
  config.validate();
  const int64_t base = config.base_channels, embedding = base * kTimeMultiple;
  const auto time = register_module("time_emb", std::make_shared<torch::nn::Module>("TimeEmbedding"));
  time_blocks_ = time->register_module(
      "time_blocks",
      torch::nn::Sequential(torch::nn::Embedding::from_pretrained(sinusoid_table(timesteps, base)),
                            Linear(base, embedding), torch::nn::SiLU(), Linear(embedding, embedding)));
  initial_conv_ = register_module("initial_conv", conv3(1, base));

  const size_t levels = config.multipliers.size();
  int64_t channels = base;
  const auto add_level = [&](torch::nn::ModuleList& blocks, size_t level) {
    const int64_t out = base * config.multipliers[level];
    for (int64_t i = 0; i < config.residual_blocks; ++i, channels = out) {
      blocks->push_back(ResidualBlock1d(channels, out, config));
    }
  };
  down_blocks_ = register_module("down_blocks", torch::nn::ModuleList());
  for (size_t level = 0; level < levels; ++level) {
    add_level(down_blocks_, level);
    if (level + 1 < levels) down_blocks_->push_back(std::make_shared<Downsample1d>(channels));
  }
  mid_block1_ = register_module("mid_block1", ResidualBlock1d(channels, channels, config));
  mid_block2_ = register_module("mid_block2", ResidualBlock1d(channels, channels, config));
  up_blocks_ = register_module("up_blocks", torch::nn::ModuleList());
  for (size_t level = levels; level-- > 0;) {
    add_level(up_blocks_, level);
    if (level > 0) up_blocks_->push_back(std::make_shared<Upsample1d>(channels));
  }
  final_conv_ = register_module("final_conv", conv3(channels, 1));
}

at::Tensor UNet1dImpl::forward(const at::Tensor& x_t, const at::Tensor& t) {
  const int64_t length = x_t.size(2);
  const int64_t padded = (length + length_multiple_ - 1) / length_multiple_ * length_multiple_;
  const auto time = time_blocks_->forward(t);
  auto x = initial_conv_(at::constant_pad_nd(x_t, {0, padded - length}));
  x = run_blocks(down_blocks_, x, time);
  x = mid_block2_(mid_block1_(x, time), time);
  return final_conv_(run_blocks(up_blocks_, x, time)).narrow(2, 0, length);
}

}  // namespace patronus
