#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <torch/nn/modules/container/sequential.h>

#include <cstdint>

#include "patronus/data/dataset.h"
#include "patronus/distributed/process_group.h"
#include "patronus/evaluation/representation.h"
#include "patronus/models/module_state.h"

namespace patronus {

struct AttributeClassifierOptions {
  int64_t steps = 1000;  // at most; fewer if 100 epochs take fewer
  int64_t batch_size = 64;
  uint64_t seed = 0;
};

/// A small convolutional network that recognises attributes in images. It is trained on real images only and
/// shares nothing with a model's encoder, so that its judgement of edits is independent of the encoder.
/// Images larger than 64 pixels are reduced first.
class AttributeClassifier {
 public:
  /// Trains on `images` at `rows` (int64 [N]); `attributes` cover the whole data set. The two values of an
  /// attribute get equal total weight, but images of a value rarer than 1 in 51 weigh 50 times the others;
  /// unknown values do not count. On a CPU the same seed gives the same network.
  AttributeClassifier(const Dataset& images, const at::Tensor& rows, const BinaryAttributes& attributes,
                      at::Device device, const AttributeClassifierOptions& options = {});

  /// Restores a network trained on such `images` and as many `attributes` from its `state`.
  AttributeClassifier(const Dataset& images, int64_t attributes, at::Device device,
                      const NamedTensors& state);

  NamedTensors state() const;

  /// Takes over the network of rank 0, as training on GPUs is not bit-reproducible.
  void broadcast_from_first_rank(const ProcessGroup& ranks);

  /// Probability of each attribute in images [N, C, S, S] in [-1, 1]: float32 [N, A], 0 .. 1, on the CPU.
  at::Tensor probabilities(const at::Tensor& images);

  /// Balanced accuracy of each attribute, float64 [A], on `images` at `rows`.
  at::Tensor accuracy(const Dataset& images, const at::Tensor& rows, const BinaryAttributes& attributes);

 private:
  void move_to_device();
  at::Tensor on_device(const at::Tensor& images) const;

  at::Device device_;
  torch::nn::Sequential network_;
};

/// Mean of the accuracies on images with and without each attribute: float64 [A]. `judged`: bool, `truth`: 0,
/// 1 or unknown, both [N, A]. NaN if all images have the same value.
at::Tensor balanced_accuracy(const at::Tensor& judged, const at::Tensor& truth);

}  // namespace patronus
