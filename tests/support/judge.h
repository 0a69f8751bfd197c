#pragma once
#include <ATen/core/Tensor.h>
#include <torch/nn/modules/container/sequential.h>

#include "patronus/data/dataset.h"

namespace patronus::test {

/// A small network that reads the attributes off an image of `faces`, trained on real drawings only: it
/// stands for a person who looks at generated images.
class Judge {
 public:
  /// Trains on the training split; about half a minute on two cores, the same result every time.
  explicit Judge(const FacesConfig& faces);

  /// Images [N, 3, 32, 32] in [-1, 1] to bool [N, 9].
  at::Tensor attributes(const at::Tensor& images);

 private:
  torch::nn::Sequential network_;
};

/// Mean of the accuracies among images with and without the attribute: [A] for bool or int tensors [N, A].
at::Tensor balanced_accuracy(const at::Tensor& judged, const at::Tensor& truth);

}  // namespace patronus::test
