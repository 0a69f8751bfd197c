#include "patronus/models/unet.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/embedding.h>
#include <torch/nn/modules/linear.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "models/sinusoid_table.h"
#include "patronus/core/device.h"
#include "patronus/core/error.h"

namespace patronus {
namespace {

using torch::nn::Sequential;
using torch::nn::SiLU;

constexpr int64_t kReferenceTimesteps = 1000;

bool has_attention(const UNetConfig& config, size_t level) {
  return std::count(config.attention_levels.begin(), config.attention_levels.end(),
                    static_cast<int64_t>(level)) > 0;
}

int64_t embedding_length(const UNetConfig& config) {
  return config.base_channels * config.time_multiple;
}

ResidualBlock residual_block(const UNetConfig& config, int64_t in, int64_t out, bool attention) {
  return ResidualBlock(ResidualBlockOptions{.in_channels = in,
                                            .out_channels = out,
                                            .embedding = embedding_length(config),
                                            .dropout = config.dropout,
                                            .attention = attention,
                                            .condition = config.condition});
}

}  // namespace

void UNetConfig::validate(int64_t image_size) const {
  check_levels("model.unet", base_channels, multipliers);
  const auto levels = std::ssize(multipliers);
  for (const auto level : attention_levels) {
    if (level >= 0 && level < levels) continue;
    throw ConfigError("model.unet.attention_levels: there is no level " + std::to_string(level) +
                      "; model.unet.multipliers has levels 0 to " + std::to_string(levels - 1));
  }
  const int64_t factor = unshuffle << (levels - 1);
  if (image_size % factor == 0) return;
  throw ConfigError("model.unet.multipliers: " + std::to_string(levels) + " levels with unshuffle " +
                    std::to_string(unshuffle) + " divide the image's side by " + std::to_string(factor) +
                    ", but images have " + std::to_string(image_size) +
                    " pixels a side; change data.size or use fewer levels");
}

UNetImpl::UNetImpl(const UNetShape& shape, const UNetConfig& config)
    : unshuffle_(config.unshuffle),
      linear_condition_(config.condition_embedding == ConditionEmbedding::kLinear) {
  config.validate(shape.image_size);
  build_embeddings(shape, config);
  const int64_t image_channels = shape.image_channels * unshuffle_ * unshuffle_;
  first_ = register_module("first", conv3x3(image_channels, config.base_channels));
  auto skips = build_encoder(config);
  const int64_t deepest = skips.back();
  bottleneck_blocks_ = register_module("bottleneck_blocks", torch::nn::ModuleList());
  for (const bool attention : {true, false}) {
    bottleneck_blocks_->push_back(residual_block(config, deepest, deepest, attention));
  }
  build_decoder(config, std::move(skips));
  const int64_t finest = config.base_channels * config.multipliers.front();
  final_ = register_module(
      "final", Sequential(GroupNorm(kNormGroups, finest), SiLU(), conv3x3(finest, image_channels)));
  if (shape.zero_output) {
    const c10::NoGradGuard no_grad;
    for (auto& parameter : final_->ptr(2)->parameters()) parameter.zero_();
  }
  join_projections();
}

void UNetImpl::join_projections() {
  std::vector<Linear> time, condition;
  for (const auto* blocks : {&encoder_blocks_, &bottleneck_blocks_, &decoder_blocks_}) {
    for (const auto& block : **blocks) {
      const auto* residual = block->as<ResidualBlockImpl>();
      if (residual == nullptr) continue;
      time.push_back(residual->time_projection());
      if (is_conditional()) condition.push_back(residual->condition_projection());
    }
  }
  time_projections_ = JointLinear(std::move(time));
  condition_projections_ = JointLinear(std::move(condition));
}

void UNetImpl::build_embeddings(const UNetShape& shape, const UNetConfig& config) {
  const int64_t length = embedding_length(config);
  const auto table = sinusoid_table(std::max(shape.timesteps, kReferenceTimesteps), config.base_channels);
  const auto time = register_module("time_embeddings", std::make_shared<torch::nn::Module>("TimeEmbedding"));
  time_blocks_ = time->register_module(
      "time_blocks", Sequential(torch::nn::Embedding::from_pretrained(table),
                                Linear(config.base_channels, length), SiLU(), Linear(length, length)));
  if (config.condition == ConditionKind::kOff) return;
  const auto condition =
      register_module("cond_embeddings", std::make_shared<torch::nn::Module>("ConditionEmbedding"));
  const Sequential vector_fc =
      linear_condition_ ? Sequential(Linear(shape.prototypes, length))
                        : Sequential(Linear(shape.prototypes, length), SiLU(), Linear(length, length));
  vector_fc_ = condition->register_module("vector_fc", vector_fc);
  if (shape.standardize) {
    cond_norm_ = register_module(
        "cond_norm", torch::nn::BatchNorm1d(torch::nn::BatchNorm1dOptions(shape.prototypes).affine(false)));
  }
}

/// Returns the channels of the decoder's skip connections, the first convolution's output included.
std::vector<int64_t> UNetImpl::build_encoder(const UNetConfig& config) {
  encoder_blocks_ = register_module("encoder_blocks", torch::nn::ModuleList());
  int64_t channels = config.base_channels;
  std::vector<int64_t> skips{channels};
  for (size_t level = 0; level < config.multipliers.size(); ++level) {
    const int64_t out = config.base_channels * config.multipliers[level];
    for (int64_t i = 0; i < config.residual_blocks; ++i, channels = out) {
      encoder_blocks_->push_back(residual_block(config, channels, out, has_attention(config, level)));
      skips.push_back(out);
    }
    if (level + 1 < config.multipliers.size()) {
      encoder_blocks_->push_back(Downsample(out));
      skips.push_back(out);
    }
  }
  return skips;
}

void UNetImpl::build_decoder(const UNetConfig& config, std::vector<int64_t> skips) {
  decoder_blocks_ = register_module("decoder_blocks", torch::nn::ModuleList());
  int64_t channels = skips.back();
  for (size_t level = config.multipliers.size(); level-- > 0;) {
    const int64_t out = config.base_channels * config.multipliers[level];
    for (int64_t i = 0; i <= config.residual_blocks; ++i, channels = out) {
      decoder_blocks_->push_back(
          residual_block(config, channels + skips.back(), out, has_attention(config, level)));
      skips.pop_back();
    }
    if (level > 0) decoder_blocks_->push_back(Upsample(out));
  }
}

at::Tensor UNetImpl::forward(const at::Tensor& x_t, const at::Tensor& t, const at::Tensor& activations) {
  return denoise(x_t, {.time = embed_time(t), .condition = embed_condition(activations)});
}

// Embeddings are computed in fp32: they are small, and bf16 cannot resolve the sinusoids of neighbouring t.

at::Tensor UNetImpl::embed_time(const at::Tensor& t) {
  const PrecisionGuard fp32(t.device().type(), Precision::kFloat32);
  return time_blocks_->forward(t);
}

at::Tensor UNetImpl::embed_condition(const at::Tensor& activations) {
  if (!is_conditional()) return {};
  const PrecisionGuard fp32(activations.device().type(), Precision::kFloat32);
  const auto raw = activations.to(at::kFloat);
  return vector_fc_->forward(cond_norm_ ? cond_norm_(raw) : raw);
}

at::Tensor UNetImpl::denoise(const at::Tensor& x_t, const Embeddings& embeddings) {
  const auto time = time_projections_(at::silu(embeddings.time));
  std::vector<at::Tensor> condition(time.size());
  if (is_conditional()) {
    condition =
        condition_projections_(linear_condition_ ? embeddings.condition : at::silu(embeddings.condition));
  }
  size_t residual_blocks = 0;
  const auto run = [&](const std::shared_ptr<torch::nn::Module>& block, const at::Tensor& x) {
    if (block->as<ResidualBlockImpl>() == nullptr) return block->as<UNetBlockImpl>()->forward(x, {});
    const size_t i = residual_blocks++;
    return block->as<UNetBlockImpl>()->forward(x, {.time = time[i], .condition = condition[i]});
  };
  auto x = first_(unshuffle_ > 1 ? at::pixel_unshuffle(x_t, unshuffle_) : x_t);
  std::vector<at::Tensor> skips{x};
  for (const auto& block : *encoder_blocks_) {
    x = run(block, x);
    skips.push_back(x);
  }
  for (const auto& block : *bottleneck_blocks_) x = run(block, x);
  for (const auto& block : *decoder_blocks_) {
    // All blocks but upsampling ones take a skip connection, the latest first.
    if (block->as<UpsampleImpl>() == nullptr) {
      x = at::cat({x, skips.back()}, 1);
      skips.pop_back();
    }
    x = run(block, x);
  }
  x = final_[2]->as<Conv2d>()->forward(final_[0]->as<GroupNorm>()->silu(x));
  return unshuffle_ > 1 ? at::pixel_shuffle(x, unshuffle_) : x;
}

}  // namespace patronus
