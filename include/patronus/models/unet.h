#pragma once
#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/pimpl.h>

#include <vector>

#include "patronus/core/describe.h"

namespace patronus {

/// The denoising network; YAML section `model.unet`.
struct UNetConfig {
  int64_t base_channels = 64;
  std::vector<int64_t> multipliers{1, 2, 4, 4};
  int64_t residual_blocks = 2;
  std::vector<int64_t> attention_levels{};
  double dropout = 0.1;
  int64_t time_multiple = 4;
  int64_t unshuffle = 1;

  void describe(Fields& field) {
    field("base_channels", base_channels, "channels of the first level, a multiple of 8", between(8, 1024));
    field("multipliers", multipliers, "channels of each level, as multiples of base_channels", between(1, 16));
    field("residual_blocks", residual_blocks, "residual blocks a level", between(1, 8));
    field("attention_levels", attention_levels, "levels (0 is the finest) with attention; the bottleneck always has it",
          between(0, 15));
    field("dropout", dropout, "channel dropout in every residual block", between(0, 0.9));
    field("time_multiple", time_multiple, "length of both embeddings, as a multiple of base_channels", between(1, 16));
    field("unshuffle", unshuffle, "pixels a side folded into channels before the network: 1 none (paper), 2 faster",
          one_of_numbers({1, 2, 4}));
  }
  void validate(int64_t image_size) const;  // ConfigError for sizes that do not divide
};

/// What the network is built for.
struct UNetShape {
  int64_t image_channels;
  int64_t image_size;
  int64_t prototypes;
  bool standardize;     // PrototypeConfig::standardize
  bool zero_output;     // start the output convolution at zero (v-prediction)
};

/// Denoiser conditioned on the prototype activations (paper 3.2). Registered names are the reference's
/// (`time_embeddings`, `cond_embeddings`, `first`, `encoder_blocks`, `bottleneck_blocks`, `decoder_blocks`, `final`), plus
/// `cond_norm` where activations are standardised.
class UNetImpl : public torch::nn::Module {
 public:
  UNetImpl(const UNetShape& shape, const UNetConfig& config);

  /// `x_t`: [B, C, S, S]; `t`: int64 [B], 0 .. T-1; `activations`: [B, P] raw (not standardised).
  /// Gives the network's output [B, C, S, S]: noise or v, as it was trained (diffusion/objective.h).
  at::Tensor forward(const at::Tensor& x_t, const at::Tensor& t, const at::Tensor& activations);
  // members: by the implementer
};
TORCH_MODULE(UNet);

}  // namespace patronus
