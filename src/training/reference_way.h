#pragma once
#include <ATen/core/Tensor.h>
#include <torch/optim/adamw.h>

#include <memory>

#include "patronus/diffusion/schedule.h"
#include "patronus/models/patronus_model.h"
#include "patronus/run/run_config.h"

namespace patronus {

/// Training and evaluation as the reference's code does them: fp32, contiguous, LibTorch's own operators.
class ReferenceWay {
 public:
  ReferenceWay(const RunConfig& config, at::Device device);

  /// One training step on `images`; waits for its loss, and gives the number of images.
  double train(const at::Tensor& images);

  /// The activations [B, P] of `images`.
  at::Tensor activations(const at::Tensor& images);

  /// The network's answer to images and timesteps under activations, as often as `launches_per_wait` says;
  /// waits for it, and gives the number of images that were answered.
  double evaluate(const at::Tensor& images, const at::Tensor& t, const at::Tensor& activations);

 private:
  PatronusModel model_;
  Schedule schedule_;
  PredictionKind prediction_;
  double distinct_margin_;
  std::unique_ptr<torch::optim::AdamW> optimizer_;
};

}  // namespace patronus
