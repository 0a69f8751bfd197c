#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <optional>
#include <string>

#include "patronus/run/latent_checkpoint.h"

namespace patronus {

/// Distance between a sample of activation vectors and the training images', on standardised activations so
/// that all prototypes weigh the same.
struct ActivationDistance {
  double frechet;            // metrics/frechet.h
  at::Tensor ks;             // float64 [P], metrics/hypothesis_tests.h
  double correlation_error;  // metrics/correlation.h
};

/// Samples of the latent model compared with real activations.
struct LatentReport {
  std::string sampler;
  int64_t step;              // of the latent model
  at::Tensor train;          // float32 [N, P], activations of the training images
  at::Tensor drawn;          // [n, P], vectors 0 .. n - 1 of the latent model
  int64_t compared;          // n, or the number of test images if smaller
  ActivationDistance model;  // of the first `compared` of `drawn`
  // Of as many test images: the reference value for a perfect model. Absent for a single test image.
  std::optional<ActivationDistance> test;
  at::Tensor images;  // [64, C, S, S], sampled from the first vectors; may overshoot [-1, 1]
};

/// Samples 2,000 vectors and 64 images. `train`: float32 [N, P], N at least 2; `test`: float32 [M, P].
LatentReport latent_report(TrainedModel& trained, const LatentModel& latent, const at::Tensor& train,
                           const at::Tensor& test);

/// Writes `closeness.json`, `activations.csv` (one row per prototype), and in `samples/` `images.png`,
/// `histograms.png` (the prototypes whose distributions differ most) and `correlations.png`.
void write_latent_report(const std::filesystem::path& folder, const TrainedModel& trained,
                         const LatentReport& report);

/// Whether `folder` has no report of the latent model of this step.
bool latent_report_is_due(const std::filesystem::path& folder, int64_t step);

}  // namespace patronus
