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
  std::vector<int64_t> prototypes = {};  // which ones; empty: all
  int64_t candidates = 20;               // images that each prototype is enhanced in
  bool random = false;  // show candidates as they were drawn, not by increase (paper, Fig. 6)
  PlausibleRangeOptions range = {};
  RegenerateOptions regenerate = {};
  int64_t nearest = 6;  // real patches shown for each prototype; 0: none
  PatchRule patch = PatchRule::kExact;
};

/// K prototypes enhanced in N candidate images. All on the CPU.
struct PrototypeViews {
  VisualizePrototypesOptions options;  // that they were made with
  std::vector<int64_t> prototypes;     // [K]
  InvertedImages candidates;           // N
  at::Tensor target;                   // float32 [K, N], the activation asked for
  at::Tensor image;                    // float32 [K, N, C, S, S], enhanced
  at::Tensor activation;               // float32 [K, N, P], of the enhanced images
  at::Tensor boxes;                    // int64 [K, N, 4], most activated patch of the prototype in them
  at::Tensor ranking;                  // int64 [K, N], candidates as they are shown: by increase, or as drawn
  at::Tensor shown;                    // int64 [K], the candidate on the sheet
  PlausibleRange range;                // of each prototype's activation in real images, [K]
  at::Tensor deviation;  // float64 [K], standard deviation of the prototype's activation in real images
  at::Tensor effect;     // float64 [K], increase of the activation in deviations, median over candidates
  at::Tensor gain;       // float64 [K], share of the asked increase that arrives, median over candidates
  at::Tensor arrived;    // float64 [K], share that arrives of what is asked in all candidates together
  // float64 [K], of the enhanced patches, against those of all other prototypes in the candidates as they are
  // (`patch_consistency`); NaN for a model's only prototype.
  at::Tensor consistency;
  std::vector<int64_t> order{};                         // [K], rows by effect, the largest first
  int64_t without_effect = 0;                           // how many rows at the end of `order` have none
  NearestPatches nearest;                               // of the K prototypes; [K, M]
  at::Tensor nearest_images;                            // float32 [K, M, C, S, S]
  std::vector<std::vector<std::string>> nearest_files;  // [K][M]
};

/// Shows what prototypes stand for (paper 3.3): each is raised to its plausible maximum in every candidate,
/// with the other activations kept; the image is regenerated from the candidate's own x_T; and the patch of
/// it that the prototype responds to most is found. Candidates are drawn from `images` by the configuration's
/// seed (all of them, with a warning, where there are fewer than asked for); the plausible maximum, the
/// deviations and the nearest patches are those of `real`. Candidates in which a prototype can be raised by
/// less than half a deviation show nothing and do not count for effect, gain and what arrives (NaN where none
/// is left); a prototype of which less than 0.1 arrives has no effect. On the sheet different prototypes are
/// shown in different candidates, as long as that costs at most a fifth of the largest increase. Results do
/// not depend on the batch size. ConfigError for a prototype that the model does not have, or that is named
/// and disabled.
PrototypeViews visualize_prototypes(TrainedModel& trained, const Dataset& images, const Dataset& real,
                                    const VisualizePrototypesOptions& options);

/// How alike patches [N, C, h, w] of one prototype are, against patches of others [M, C, h, w]: 1 - d / d',
/// with d the mean squared difference of two of the one, d' that of one of either. 1: all the same, 0: no
/// more alike than any two.
double patch_consistency(const at::Tensor& patches, const at::Tensor& others);

}  // namespace patronus
