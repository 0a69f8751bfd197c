#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

#include "patronus/analysis/encode.h"
#include "patronus/analysis/inverted_images.h"
#include "patronus/analysis/plausible_range.h"
#include "patronus/data/dataset.h"
#include "patronus/diagnosis/prototype_ties.h"
#include "patronus/figures/canvas.h"
#include "patronus/run/prototype_names.h"
#include "patronus/run/trained_model.h"

namespace patronus {

/// What T ties look like: where their prototypes look, and an image in which either prototype is moved.
struct TiePictures {
  std::vector<PrototypeTie> ties{};  // [T]
  at::Tensor strongest{};    // float32 [T, 2, B, C, S, S], images that activate `first` and `second` most
  at::Tensor boxes{};        // int64 [T, 2, B, 4], their most activated patches
  at::Tensor regenerated{};  // float32 [T, C, S, S], an image in which the prototypes have most to change
  // float32 [T, 2, C, S, S]: `first` at its plausible maximum; `second` likewise, or at its minimum where the
  // correlation is negative.
  at::Tensor moved{};
  at::Tensor change{};  // float64 [T, 2, 2], change of both activations by that, in standard deviations
};

/// Draws the first `ties`, at most eight. The image that is edited is the one of `images` with the lowest
/// activations of both prototypes (of a negative correlation: the lowest of the first and the highest of the
/// second). `encoding`: of `images`. `known`: ranges and deviations.
TiePictures picture_ties(TrainedModel& trained, const Dataset& images, const Encoding& encoding,
                         const RealActivations& known, const std::vector<PrototypeTie>& ties,
                         const RegenerateOptions& options);

/// A row for each tie: the strongest images of both prototypes with their patches, and the edited image, with
/// the change of both activations below.
Canvas draw_ties(const TiePictures& pictures, const PrototypeNames& names);

}  // namespace patronus
