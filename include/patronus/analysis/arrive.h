#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

#include "patronus/analysis/inverted_images.h"
#include "patronus/run/trained_model.h"

namespace patronus {

struct ArriveOptions {
  double tolerance = 0.1;  // on the share of the asked change that arrives: 1 is all of it
  double strongest = 16;   // guidance strength that the search does not go beyond
  int64_t rounds = 8;      // of regenerating, at most
};

/// R images under the guidance strength that brings them closest to what was asked.
struct Arrival {
  at::Tensor strength;       // float32 [R]
  at::Tensor gain;           // float64 [R], share of the asked change that arrives; 1 where nothing was asked
  at::Tensor arrived;        // bool [R], gain within the tolerance of 1
  RegeneratedImages images;  // R
};

/// Edits in a closed loop: regenerates images under an edit (`regenerate`), encodes them, and searches for
/// each image, starting from `options.strength`, the guidance strength at which what arrives is what was
/// asked; brackets it by doubling, then interpolates. An image that has arrived is not regenerated again, and
/// results do not depend on the batch size. ConfigError for a strength that is not above 0.
Arrival arrive(TrainedModel& trained, const ActivationEdit& edit, const RegenerateOptions& options,
               const ArriveOptions& search);

/// Logs how many images have arrived, at what strengths, and how close the others came.
void log_arrival(const Arrival& arrival);

}  // namespace patronus
