#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <optional>
#include <string>

#include "patronus/run/latent_checkpoint.h"

namespace patronus {

/// How close a sample of activation vectors is to the training images', all in standardised activations,
/// so that no prototype counts for more than another.
struct ActivationDistance {
  double frechet;            // metrics/frechet.h
  at::Tensor ks;             // float64 [P], metrics/hypothesis_tests.h
  double correlation_error;  // metrics/correlation.h
};

/// What the latent model draws, beside what it should.
struct LatentReport {
  std::string sampler;
  int64_t step;              // of the latent model
  at::Tensor train;          // float32 [N, P], activations of the training images
  at::Tensor drawn;          // [n, P], vectors number 0 .. n - 1 of the latent model
  int64_t compared;          // n, or the number of test images where that is smaller
  ActivationDistance model;  // of the first `compared` of `drawn`
  // Of as many test images: what a perfect model would come to. Absent for a single test image.
  std::optional<ActivationDistance> test;
  at::Tensor images;  // [64, C, S, S], drawn from the first vectors, in [-1, 1] up to overshoot
};

/// Draws 2000 vectors and 64 images. `train`, `test`: float32 [N, P] and [M, P], N at least 2.
LatentReport latent_report(TrainedModel& trained, const LatentModel& latent, const at::Tensor& train,
                           const at::Tensor& test);

/// Writes `closeness.json`, `activations.csv` (a row a prototype), and into `samples/`: `images.png`,
/// `histograms.png` (the prototypes whose distributions differ most) and `correlations.png`.
void write_latent_report(const std::filesystem::path& folder, const TrainedModel& trained,
                         const LatentReport& report);

/// Whether the latent model in `folder` has no such report, or was trained on since.
bool latent_report_is_due(const std::filesystem::path& folder);

}  // namespace patronus
