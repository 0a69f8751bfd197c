#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "patronus/analysis/inverted_images.h"
#include "patronus/analysis/nearest_patches.h"
#include "patronus/analysis/plausible_range.h"
#include "patronus/data/dataset.h"
#include "patronus/run/trained_model.h"

namespace patronus {

struct VisualizePrototypesOptions {
  std::vector<int64_t> prototypes = {};  // prototypes to show; empty: all
  int64_t candidates = 20;               // images in which each prototype is enhanced
  bool random = false;                   // order candidates as drawn, not by increase (paper, Fig. 6)
  PlausibleRangeOptions range = {};
  RegenerateOptions regenerate = {};
  int64_t nearest = 6;  // nearest real patches per prototype; 0: none
  PatchRule patch = PatchRule::kExact;
};

/// K prototypes enhanced in N candidate images. All tensors are on the CPU.
struct PrototypeViews {
  VisualizePrototypesOptions options;  // options used
  std::vector<int64_t> prototypes;     // [K]
  InvertedImages candidates;           // N
  at::Tensor target;                   // float32 [K, N], requested activation
  at::Tensor image;                    // float32 [K, N, C, S, S], enhanced
  at::Tensor activation;               // float32 [K, N, P], of the enhanced images
  at::Tensor boxes;                    // int64 [K, N, 4], the prototype's most activated patch in them
  at::Tensor ranking;                  // int64 [K, N], candidates in display order: by increase, or as drawn
  at::Tensor shown;                    // int64 [K], candidate on the sheet
  PlausibleRange range;                // [K], of the activations in real images
  at::Tensor deviation;                // float64 [K], standard deviation of the activations in real images
  at::Tensor effect;                   // float64 [K], increase in deviations, median over candidates
  at::Tensor gain;           // float64 [K], share of the requested increase reached, median over candidates
  at::Tensor reached_share;  // float64 [K], reached share of the summed requests of all candidates
  // float64 [K], `patch_consistency` of the enhanced patches against those of all other prototypes in the
  // unedited candidates; NaN for a model's only prototype.
  at::Tensor consistency;
  std::vector<int64_t> order{};  // [K], rows by decreasing effect
  int64_t without_effect = 0;    // number of rows at the end of `order` without effect
  NearestPatches nearest;        // of the K prototypes; [K, M]
  at::Tensor nearest_images;     // float32 [K, M, C, S, S]
};

/// Shows what prototypes represent (paper 3.3): raises each to its plausible maximum in every candidate,
/// keeps the other activations, regenerates the image from the candidate's own x_T, and finds its most
/// activated patch. Candidates are drawn from `images` with the configuration's seed (all of them, with a
/// warning, if there are too few); plausible maxima, deviations and nearest patches come from `real`.
/// Candidates in which a prototype can be raised by less than half a deviation do not count for effect, gain
/// and reached share (NaN if none is left). A prototype with a reached share below 0.1 has no effect. The
/// sheet shows different prototypes in different candidates if that costs at most a fifth of the largest
/// increase. Results do not depend on the batch size. Throws ConfigError for a prototype that does not exist,
/// or is named and disabled.
PrototypeViews visualize_prototypes(TrainedModel& trained, const Dataset& images, const Dataset& real,
                                    const VisualizePrototypesOptions& options);

/// Similarity of a prototype's patches [N, C, h, w] relative to patches of others [M, C, h, w]: 1 - d / d',
/// where d is the mean squared difference between two of its patches and d' that between one of its own and
/// one of the others. 1: all the same; 0: no more alike than any two; NaN for fewer than two patches.
double patch_consistency(const at::Tensor& patches, const at::Tensor& others);

}  // namespace patronus
