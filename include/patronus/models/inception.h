#pragma once
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <array>
#include <functional>
#include <vector>

#include "patronus/models/module_state.h"

namespace patronus {

/// Channels at the ends of the network's four parts, as in pytorch-fid's --dims.
inline constexpr std::array<int64_t, 4> kInceptionDimensions{64, 192, 768, 2048};

/// Network of the Fréchet inception distance (Szegedy et al. 2015, Heusel et al. 2017): Inception v3 as
/// ported from TensorFlow by pytorch-fid. Unlike torchvision's, its mean pools do not count padding, and the
/// last block has a maximum pool. For evaluation only: running statistics, no gradients. Tensors have
/// torchvision's names and order (`Conv2d_1a_3x3.conv.weight`, ..., `fc.bias`; the classifier `fc` is loaded
/// but unused) and are zero until weights are loaded.
class InceptionImpl : public torch::nn::Module {
 public:
  InceptionImpl();

  /// Loads a complete state dict (module_state.h); the unused batch counts may be missing, as before PyTorch
  /// 0.4.1. Throws ConfigError for the weights of another network.
  void load_state(const NamedTensors& values);

  /// Features float32 [B, dimensions]: the mean over the image of `feature_map`.
  at::Tensor forward(const at::Tensor& images, int64_t dimensions = kInceptionDimensions.back());

  /// Output of the part with `dimensions` channels, one of kInceptionDimensions: float32 [B, dimensions, H,
  /// W]; later parts are not computed. `images`: [B, 1 or 3, h, w] on the network's device, uint8, or
  /// floating-point in [-1, 1], which is first rounded to 8 bits as in image files.
  at::Tensor feature_map(const at::Tensor& images, int64_t dimensions);

 private:
  using Layer = std::function<at::Tensor(const at::Tensor&)>;
  std::vector<std::vector<Layer>> parts_;
};
TORCH_MODULE(Inception);

}  // namespace patronus
