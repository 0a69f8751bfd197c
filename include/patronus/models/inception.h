#pragma once
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <array>
#include <functional>
#include <vector>

#include "patronus/models/module_state.h"

namespace patronus {

/// Channels at the ends of the network's four parts, as pytorch-fid's --dims.
inline constexpr std::array<int64_t, 4> kInceptionDimensions{64, 192, 768, 2048};

/// The network of the Fréchet inception distance (Szegedy et al. 2015, Heusel et al. 2017): Inception v3 as
/// ported from TensorFlow by pytorch-fid. It differs from torchvision's in mean pools that do not count
/// padding, and a maximum pool in the last block. For evaluation only: running statistics, no gradients.
/// Tensors have torchvision's names and order (`Conv2d_1a_3x3.conv.weight`, ..., `fc.bias`; the classifier
/// `fc` is loaded and never used); they are zero until weights are loaded.
class InceptionImpl : public torch::nn::Module {
 public:
  InceptionImpl();

  /// Copies a whole state dict in (module_state.h); counts of batches, which evaluation does not use, may be
  /// absent, as they are before PyTorch 0.4.1. ConfigError for the weights of another network.
  void load_state(const NamedTensors& values);

  /// Features float32 [B, dimensions]: the mean over the image of `feature_map`.
  at::Tensor forward(const at::Tensor& images, int64_t dimensions = kInceptionDimensions.back());

  /// The output of the part with so many channels, one of kInceptionDimensions: float32 [B, dimensions, H,
  /// W]; later parts are not computed. `images`: [B, 1 or 3, h, w] on the network's device, uint8, or any
  /// floating type in [-1, 1], rounded to 8 bits first, as image files hold them.
  at::Tensor feature_map(const at::Tensor& images, int64_t dimensions);

 private:
  using Layer = std::function<at::Tensor(const at::Tensor&)>;
  std::vector<std::vector<Layer>> parts_;
};
TORCH_MODULE(Inception);

}  // namespace patronus
