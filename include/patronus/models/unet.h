#pragma once
#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/pimpl.h>

#include <string>
#include <vector>

#include "patronus/core/describe.h"
#include "patronus/models/unet_blocks.h"

namespace patronus {

/// Embedding of the activations: an MLP (paper), or a linear layer.
enum class ConditionEmbedding { kMlp, kLinear };
inline std::vector<std::string> enum_names(ConditionEmbedding) {
  return {"mlp", "linear"};
}

/// The denoising network; YAML section `model.unet`.
struct UNetConfig {
  int64_t base_channels = 64;
  std::vector<int64_t> multipliers{1, 2, 4, 4};
  int64_t residual_blocks = 2;
  std::vector<int64_t> attention_levels{};
  double dropout = 0.1;
  int64_t time_multiple = 4;
  int64_t unshuffle = 1;
  ConditionKind condition = ConditionKind::kAdd;
  ConditionEmbedding condition_embedding = ConditionEmbedding::kMlp;

  void describe(Fields& field) {
    field("base_channels", base_channels, "channels of the first level, a multiple of 8", between(8, 1024));
    field("multipliers", multipliers, "channels of each level, as multiples of base_channels",
          between(1, 16));
    field("residual_blocks", residual_blocks, "residual blocks per level", between(1, 8));
    field("attention_levels", attention_levels,
          "levels with attention (0: the finest); the bottleneck always has it", between(0, 15));
    field("dropout", dropout, "channel dropout in every residual block", between(0, 0.9));
    field("time_multiple", time_multiple, "embedding length, as a multiple of base_channels", between(1, 16));
    field("unshuffle", unshuffle,
          "pixels per side folded into channels at the input; 1: none (paper), 2: faster",
          one_of_numbers({1, 2, 4}));
    field("condition", condition,
          "how activations enter a residual block: added before its second norm (paper), or as scale and "
          "shift after it; off: not at all (encoder and prototypes are not trained)");
    field("condition_embedding", condition_embedding,
          "mlp (paper), or linear: the effects of prototypes then add up, and each can be moved alone");
  }

  /// Throws ConfigError for an image size that the levels cannot halve, channels that GroupNorm cannot group,
  /// or attention on a level that does not exist.
  void validate(int64_t image_size) const;
};

/// Dimensions and options for building the network.
struct UNetShape {
  int64_t image_channels;
  int64_t image_size;
  int64_t prototypes;
  bool standardize = false;  // PrototypeConfig::standardize
  bool zero_output = false;  // start the output convolution at zero (v-prediction)
  int64_t timesteps = 1000;  // T; the sinusoid table has this many rows, at least the reference's 1000
};

/// Denoiser conditioned on the prototype activations (paper 3.2). Registered names are the reference's
/// (`time_embeddings`, `cond_embeddings`, `first`, `encoder_blocks`, `bottleneck_blocks`, `decoder_blocks`,
/// `final`), plus `cond_norm` if activations are standardised; without a condition there are no
/// `cond_embeddings` and no `dense_2` in the blocks. Runs under bf16 autocast and in channels-last layout;
/// embeddings and standardisation are always computed in fp32.
class UNetImpl : public torch::nn::Module {
 public:
  UNetImpl(const UNetShape& shape, const UNetConfig& config);

  /// `x_t`: [B, C, S, S]; `t`: int64 [B], 0 .. T-1; `activations`: [B, P], not standardised (in training mode
  /// the batch's own statistics are used, so B must be at least 2). Returns the network's output [B, C, S,
  /// S]: noise or v, as trained (diffusion/objective.h). Without a condition `activations` are ignored and
  /// may be undefined.
  at::Tensor forward(const at::Tensor& x_t, const at::Tensor& t, const at::Tensor& activations);

  /// Parts of `forward`: the embeddings of the timesteps and of the activations, [B, E] float32, then the
  /// image. Either embedding may have a single row for the whole batch; that of the activations is undefined
  /// without a condition.
  at::Tensor embed_time(const at::Tensor& t);
  at::Tensor embed_condition(const at::Tensor& activations);
  at::Tensor denoise(const at::Tensor& x_t, const Embeddings& embeddings);

  /// Whether activations are used (ConditionKind).
  bool is_conditional() const { return !vector_fc_.is_empty(); }

 private:
  void build_embeddings(const UNetShape& shape, const UNetConfig& config);
  std::vector<int64_t> build_encoder(const UNetConfig& config);
  void build_decoder(const UNetConfig& config, std::vector<int64_t> skips);
  void join_projections();

  int64_t unshuffle_;
  bool linear_condition_;
  torch::nn::Sequential time_blocks_{nullptr};
  torch::nn::Sequential vector_fc_{nullptr};
  torch::nn::BatchNorm1d cond_norm_{nullptr};
  Conv2d first_{nullptr};
  torch::nn::ModuleList encoder_blocks_{nullptr};
  torch::nn::ModuleList bottleneck_blocks_{nullptr};
  torch::nn::ModuleList decoder_blocks_{nullptr};
  torch::nn::Sequential final_{nullptr};
  JointLinear time_projections_, condition_projections_;  // of all residual blocks, in order
};
TORCH_MODULE(UNet);

}  // namespace patronus
