#pragma once
#include <ATen/core/Tensor.h>
#include <torch/nn/modules/container/sequential.h>

#include <filesystem>

#include "patronus/data/dataset.h"

namespace patronus::test {

/// A small network that recognises the attributes of `faces` images, trained on real drawings only: stands in
/// for a person looking at generated images.
class Judge {
 public:
  /// Trains on the training split: about half a minute on two cores, deterministic.
  explicit Judge(const FacesConfig& faces);
  /// Reads what `save` wrote.
  explicit Judge(const std::filesystem::path& file);

  void save(const std::filesystem::path& file) const;

  /// Maps images [N, 3, 32, 32] in [-1, 1] to bool [N, 9].
  at::Tensor attributes(const at::Tensor& images);

  /// The last feature map, averaged over quadrants: [N, 256], for Fréchet distances.
  at::Tensor features(const at::Tensor& images);

 private:
  Judge();

  torch::nn::Sequential body_, head_;
};

}  // namespace patronus::test
