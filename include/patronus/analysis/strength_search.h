#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

#include "patronus/analysis/inverted_images.h"
#include "patronus/run/trained_model.h"

namespace patronus {

/// Settings of the search for each image's guidance strength.
struct StrengthSearchOptions {
  double tolerance = 0.1;  // largest |gain - 1| that counts as arrived
  double strongest = 16;   // largest guidance strength tried
  int64_t rounds = 8;      // largest number of regenerations
};

/// R images, each at the guidance strength that brings it closest to the requested activations.
struct StrengthSearchResult {
  at::Tensor strength;  // float32 [R]
  // float64 [R], share of the requested change that is reached; NaN if too little is requested
  // (`is_measurable_change`)
  at::Tensor gain;
  at::Tensor arrived;        // bool [R], whether the gain is within the tolerance of 1
  RegeneratedImages images;  // R
};

/// Closed-loop editing: searches, for each image, for the guidance strength at which the regenerated image,
/// encoded again, reaches the requested activations. Starts at `options.strength`, brackets by doubling, then
/// interpolates. Images that have arrived are not regenerated again. Images for which too little is requested
/// (`is_measurable_change`, with the `deviation` [P] of the activations in real images) are regenerated only
/// once. Results do not depend on the batch size. Throws ConfigError unless `options.strength` is above 0 and
/// at most `search.strongest`.
StrengthSearchResult search_strength(TrainedModel& trained, const ActivationEdit& edit,
                                     const at::Tensor& deviation, const RegenerateOptions& options,
                                     const StrengthSearchOptions& search);

/// Logs how many images arrived, at which strengths, and how close the others came. Leaves out images for
/// which too little is requested.
void log_strength_search(const StrengthSearchResult& result);

}  // namespace patronus
