#pragma once
#include <torch/nn/module.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/pimpl.h>

#include <string>
#include <vector>

#include "patronus/core/describe.h"
#include "patronus/models/receptive_field.h"

namespace patronus {

/// The convolution stack; YAML section `model.encoder`. All lists have one entry per layer.
struct EncoderConfig {
  std::vector<int64_t> channels{32, 64, 64, 128};
  std::vector<int64_t> kernels{3, 3, 3, 3};
  std::vector<int64_t> strides{2, 1, 1, 1};
  std::vector<int64_t> paddings{1, 0, 0, 0};

  void describe(Fields& field) {
    field("channels", channels, "output channels of each convolution; the last is the prototype length D",
          between(1, 4096));
    field("kernels", kernels, "kernel size of each convolution", between(1, 63));
    field("strides", strides, "stride of each convolution", between(1, 16));
    field("paddings", paddings, "zero padding of each convolution", between(0, 31));
  }

  /// Throws ConfigError if the lists differ in length, or a layer's padding is at least its kernel size
  /// (cells that see no pixel).
  void validate() const;
  std::vector<ConvGeometry> geometry() const;
};

/// Activation as a function of the squared distance d: log((d+1)/(d+1e-4)) (paper), or -d.
enum class ActivationKind { kLog, kLinear };
inline std::vector<std::string> enum_names(ActivationKind) {
  return {"log", "linear"};
}

/// Initial prototypes: drawn from U(0, 1) (paper), or patch features of training images.
enum class PrototypeInit { kUniform, kData };
inline std::vector<std::string> enum_names(PrototypeInit) {
  return {"uniform", "data"};
}

/// Initial scale of the last convolution's weights and the prototypes: one (paper), or 1/sqrt(D).
enum class WeightScale { kOne, kInverseSqrt };
inline std::vector<std::string> enum_names(WeightScale) {
  return {"one", "inverse_sqrt"};
}

/// The prototypes; YAML section `model.prototypes`.
struct PrototypeConfig {
  int64_t count = 100;
  ActivationKind activation = ActivationKind::kLog;
  PrototypeInit init = PrototypeInit::kUniform;
  WeightScale scale = WeightScale::kOne;
  double scale_factor = 1;
  bool standardize = false;

  void describe(Fields& field) {
    field("count", count, "number of prototypes P", between(1, 4096));
    field("activation", activation, "log: log((d+1)/(d+1e-4)); linear: -d; squared distance d");
    field("init", init, "uniform: U(0,1) (paper); data: patch features chosen by k-means++ seeding");
    field("scale", scale,
          "initial scale of the last convolution's weights and the prototypes: one (paper) or 1/sqrt(D)");
    field("scale_factor", scale_factor,
          "factor on that scale; near 3 with inverse_sqrt, few patches lie near a prototype and the "
          "logarithm separates them",
          above(0));
    field("standardize", standardize,
          "standardise activations (running mean and variance) before the condition layer");
  }
};

/// Best match of each prototype in a batch of images.
struct PrototypeMatch {
  at::Tensor activation;  // float32 [B, P]
  at::Tensor distance;    // float32 [B, P], squared L2, never negative
  at::Tensor patch;       // int64 [B, P], row-major cell of the first minimum
};

/// Convolution stack, prototypes and their activations (paper 3.1). Always computes in fp32, even under
/// autocast; true fp32 on GPUs, also in the backward pass, needs `require_true_fp32` (core/device.h).
/// Registered names are the reference's: `prototype_vectors`, `ones`, `encoder.features.N`.
class PrototypeEncoderImpl : public torch::nn::Module {
 public:
  /// Initialises convolution weights from N(0, 0.1²) and prototypes from U(0, 1) with the default generator.
  /// Throws ConfigError if the stack does not fit the images.
  PrototypeEncoderImpl(int64_t image_channels, int64_t image_size, EncoderConfig encoder,
                       PrototypeConfig prototypes);

  /// Best match of each prototype in `images` [B, C, S, S] in [-1, 1]: `match` of their `features`.
  PrototypeMatch forward(const at::Tensor& images);
  /// Patch features [B, D, n, n], non-negative.
  at::Tensor features(const at::Tensor& images);
  /// Best match of each prototype in patch `features`. The best patch is the minimum of `distances`; its
  /// distance is then recomputed as a sum of squared differences, because the map's rounding errors (up to
  /// 1e-3) would change the logarithm: by 0.2 for a prototype that equals a patch. Among patches whose
  /// distances differ by less than these errors, any may be chosen.
  PrototypeMatch match(const at::Tensor& features) const;
  /// Squared distances [B, P, n, n] of all prototypes to all patches: |x|² - 2 x·p + |p|², as one
  /// convolution.
  at::Tensor distances(const at::Tensor& features) const;
  /// Activations of squared distances, elementwise; maximal (log: 9.21, linear: 0) at distance 0.
  at::Tensor activation(const at::Tensor& distances) const;

  /// Replaces the prototypes by patch features of `images` with k-means++ seeding: each further one is drawn
  /// with probability proportional to its squared distance from the nearest already chosen. Keeps the
  /// features of all images in memory. `generator`: a CPU generator.
  void initialize_prototypes(const at::Tensor& images, at::Generator generator);

  /// Makes `forward` return the fixed activations `values` (float32 [K]) for `prototypes` (int64 [K]), both
  /// on the encoder's device, for any image. Distances and patches are not affected. Not part of the state
  /// dict.
  void fix_activations(const at::Tensor& prototypes, const at::Tensor& values);
  /// `activations` [B, P] with the fixed ones inserted.
  at::Tensor with_fixed(const at::Tensor& activations) const;

  const at::Tensor& prototypes() const { return prototypes_; }  // [P, D, 1, 1]
  const ReceptiveField& receptive_field() const { return field_; }

 private:
  void initialize();

  PrototypeConfig config_;
  ReceptiveField field_;
  at::Tensor prototypes_;
  at::Tensor ones_;  // unused; the reference's state dict has it
  torch::nn::Sequential features_;
  at::Tensor fixed_prototypes_;
  at::Tensor fixed_values_;
};
TORCH_MODULE(PrototypeEncoder);

/// Splits `images` [N, C, S, S], N at least 1, into batches of at most 64 for encoding. Batch sizes are
/// nearly equal: LibTorch sums differently for a single image, so that its features would differ in the last
/// bits.
std::vector<at::Tensor> encoder_batches(const at::Tensor& images);

}  // namespace patronus
