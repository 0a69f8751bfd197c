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
  int64_t steps = 1000;  // fewer where 100 passes over the images take fewer
  int64_t batch_size = 64;
  uint64_t seed = 0;
};

/// A small convolutional network that reads attributes off an image. It is trained on real images only and
/// shares nothing with a model's encoder, so that it can say what an edit did without taking the encoder's
/// word. Images larger than 64 pixels are looked at in a reduced copy.
class AttributeClassifier {
 public:
  /// Trains on `images` at `rows` (int64 [N]), with `attributes` of the whole data set; each attribute's two
  /// values count alike, but for one rarer than 1 in 51, whose images weigh 50 times the others; unknown ones
  /// do not count. The same seed gives the same network on a CPU.
  AttributeClassifier(const Dataset& images, const at::Tensor& rows, const BinaryAttributes& attributes,
                      at::Device device, const AttributeClassifierOptions& options = {});

  /// One that was trained before on such `images` and as many `attributes`, from its `state`.
  AttributeClassifier(const Dataset& images, int64_t attributes, at::Device device,
                      const NamedTensors& state);

  NamedTensors state() const;

  /// Takes over the network of rank 0: training on GPUs need not end in the same bits.
  void agree(const ProcessGroup& ranks);

  /// How likely each attribute is in images [N, C, S, S] in [-1, 1]: float32 [N, A], 0 .. 1, on the CPU.
  at::Tensor probabilities(const at::Tensor& images);

  /// Balanced accuracy of every attribute, float64 [A], on `images` at `rows`.
  at::Tensor accuracy(const Dataset& images, const at::Tensor& rows, const BinaryAttributes& attributes);

 private:
  at::Device device_;
  torch::nn::Sequential network_;
};

/// Mean of the accuracies among images with and without each attribute: float64 [A] for bool `judged` and
/// `truth` (0, 1 or unknown), both [N, A]; NaN where all images are alike.
at::Tensor balanced_accuracy(const at::Tensor& judged, const at::Tensor& truth);

}  // namespace patronus
