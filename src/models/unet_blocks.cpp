#include "patronus/models/unet_blocks.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/util/StringUtil.h>
#include <torch/nn/init.h>
#include <torch/nn/modules/upsampling.h>

#include "patronus/core/device.h"
#include "patronus/core/error.h"

namespace patronus {
namespace {

constexpr int64_t kHeads = 4;

int64_t condition_channels(ConditionKind kind, int64_t channels) {
  return kind == ConditionKind::kScaleShift ? 2 * channels : channels;
}

}  // namespace

void check_levels(const std::string& section, int64_t base_channels,
                  const std::vector<int64_t>& multipliers) {
  constexpr int64_t kMax = 16;  // each level but the first halves the resolution
  if (base_channels % kNormGroups != 0) {
    throw ConfigError(
        c10::str(section, ".base_channels: must be a multiple of ", kNormGroups, ", got ", base_channels));
  }
  if (multipliers.empty()) throw ConfigError(section + ".multipliers: is empty; give one entry a level");
  if (std::ssize(multipliers) > kMax) {
    throw ConfigError(
        c10::str(section, ".multipliers: ", multipliers.size(), " levels; expected at most ", kMax));
  }
}

Conv2d conv3x3(int64_t in, int64_t out, int64_t stride) {
  return Conv2d(torch::nn::Conv2dOptions(in, out, 3).stride(stride).padding(1));
}

SelfAttentionImpl::SelfAttentionImpl(int64_t channels)
    : in_proj_weight_(register_parameter("in_proj_weight", at::empty({3 * channels, channels}))),
      in_proj_bias_(register_parameter("in_proj_bias", at::zeros({3 * channels}))),
      out_proj_(register_module("out_proj", Linear(channels, channels))) {
  torch::nn::init::xavier_uniform_(in_proj_weight_);
  torch::nn::init::zeros_(out_proj_->bias);
}

at::Tensor SelfAttentionImpl::forward(const at::Tensor& pixels) {
  const auto batch = pixels.size(0), count = pixels.size(1), channels = pixels.size(2);
  const auto projected = at::linear(pixels, cast_weight_.of(in_proj_weight_), cast_bias_.of(in_proj_bias_))
                             .view({batch, count, 3, kHeads, channels / kHeads})
                             .permute({2, 0, 3, 1, 4});  // [3, B, heads, N, C / heads]
  const auto attended = at::scaled_dot_product_attention(projected[0], projected[1], projected[2]);
  return out_proj_(attended.transpose(1, 2).reshape({batch, count, channels}));
}

AttentionBlockImpl::AttentionBlockImpl(int64_t channels)
    : group_norm_(register_module("group_norm", GroupNorm(kNormGroups, channels))),
      mhsa_(register_module("mhsa", SelfAttention(channels))) {}

at::Tensor AttentionBlockImpl::forward(const at::Tensor& x) {
  const auto pixels = group_norm_(x).flatten(2).transpose(1, 2);  // [B, H W, C]
  return x + mhsa_(pixels).transpose(1, 2).view_as(x);
}

ResidualBlockImpl::ResidualBlockImpl(const ResidualBlockOptions& o)
    : dropout_(o.dropout),
      condition_(o.condition),
      norm_1_(register_module("normlize_1", GroupNorm(kNormGroups, o.in_channels))),
      conv_1_(register_module("conv_1", conv3x3(o.in_channels, o.out_channels))),
      time_projection_(register_module("dense_1", Linear(o.embedding, o.out_channels))),
      condition_projection_(
          o.condition == ConditionKind::kOff
              ? Linear(nullptr)
              : register_module("dense_2",
                                Linear(o.embedding, condition_channels(o.condition, o.out_channels)))),
      norm_2_(register_module("normlize_2", GroupNorm(kNormGroups, o.out_channels))),
      conv_2_(register_module("conv_2", conv3x3(o.out_channels, o.out_channels))) {
  if (o.in_channels != o.out_channels) {
    match_input_ =
        register_module("match_input", Conv2d(torch::nn::Conv2dOptions(o.in_channels, o.out_channels, 1)));
  }
  if (o.attention) attention_ = register_module("attention", AttentionBlock(o.out_channels));
}

ChannelModulation ResidualBlockImpl::modulation(const at::Tensor& h, const Embeddings& projected) {
  // The convolution's bias is constant over pixels, like the time, and is added with it.
  const auto time = projected.time + conv_1_->bias;
  const auto mask = is_training() ? channel_dropout_mask(h, dropout_) : at::Tensor();
  if (condition_ == ConditionKind::kOff) return {.before = time, .mask = mask};
  if (condition_ == ConditionKind::kAdd) return {.before = time + projected.condition, .mask = mask};
  const auto parts = projected.condition.chunk(2, 1);
  return {.before = time, .scale = parts[0], .shift = parts[1], .mask = mask};
}

at::Tensor ResidualBlockImpl::forward(const at::Tensor& x, const Embeddings& projected) {
  auto h = conv_1_->without_bias(norm_1_->silu(x));
  h = conv_2_(norm_2_->silu(h, modulation(h, projected)));
  h = h + (match_input_ ? match_input_(x) : x);
  return attention_ ? attention_(h) : h;
}

DownsampleImpl::DownsampleImpl(int64_t channels)
    : conv_(register_module("downsample", conv3x3(channels, channels, /*stride=*/2))) {}

at::Tensor DownsampleImpl::forward(const at::Tensor& x, const Embeddings&) {
  return conv_(x);
}

UpsampleImpl::UpsampleImpl(int64_t channels)
    : upsample_(register_module(
          "upsample",
          torch::nn::Sequential(
              torch::nn::Upsample(
                  torch::nn::UpsampleOptions().scale_factor(std::vector<double>{2, 2}).mode(torch::kNearest)),
              conv3x3(channels, channels)))) {}

at::Tensor UpsampleImpl::forward(const at::Tensor& x, const Embeddings&) {
  at::Tensor larger;
  {
    // Upsampling only copies pixels, but autocast would run it in float32.
    const PrecisionGuard as_it_is(x.device().type(), Precision::kFloat32);
    larger = upsample_[0]->as<torch::nn::Upsample>()->forward(x);
  }
  return upsample_[1]->as<Conv2d>()->forward(larger);
}

}  // namespace patronus
