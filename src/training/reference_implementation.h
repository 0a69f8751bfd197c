#pragma once
#include <ATen/core/Tensor.h>
#include <torch/optim/adamw.h>

#include <memory>

#include "patronus/diffusion/noise_schedule.h"
#include "patronus/models/patronus_model.h"
#include "patronus/run/run_config.h"

namespace patronus {

/// Training and evaluation as in the reference's code: fp32, contiguous tensors, LibTorch's own operators.
class ReferenceImplementation {
 public:
  ReferenceImplementation(const RunConfig& config, at::Device device);

  /// One training step on `images`. Waits for its loss and returns the number of images.
  double train(const at::Tensor& images);

  /// Activations [B, P] of `images`.
  at::Tensor activations(const at::Tensor& images);

  /// Evaluates the network on images and timesteps under activations, `launches_per_wait` times. Waits for
  /// the result and returns the number of images evaluated.
  double evaluate(const at::Tensor& images, const at::Tensor& t, const at::Tensor& activations);

 private:
  PatronusModel model_;
  NoiseSchedule schedule_;
  PredictionKind prediction_;
  double distinct_margin_;
  std::unique_ptr<torch::optim::AdamW> optimizer_;
};

}  // namespace patronus
