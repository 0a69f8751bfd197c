#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
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
  at::Tensor asked;                    // float32 [K, N], the activation asked for
  at::Tensor image;                    // float32 [K, N, C, S, S], enhanced
  at::Tensor activation;               // float32 [K, N, P], of the enhanced images
  at::Tensor boxes;                    // int64 [K, N, 4], most activated patch of the prototype in them
  at::Tensor ranking;         // int64 [K, N], candidates by the activation that they reach, highest first
  NearestPatches nearest;     // of the K prototypes; [K, M]
  at::Tensor nearest_images;  // float32 [K, M, C, S, S]
  std::vector<std::vector<std::string>> nearest_files;  // [K][M]
};

/// Shows what prototypes stand for (paper 3.3): each is raised to its plausible maximum in every candidate,
/// with the other activations kept; the image is regenerated from the candidate's own x_T; and the patch of
/// it that the prototype responds to most is found. Candidates are drawn from `images` by the configuration's
/// seed (all of them, with a warning, where there are fewer than asked for); the plausible maximum and the
/// nearest patches are those of `real`. Results do not depend on the batch size. ConfigError for a prototype
/// that the model does not have.
PrototypeViews visualize_prototypes(TrainedModel& trained, const Dataset& images, const Dataset& real,
                                    const VisualizePrototypesOptions& options);

/// Writes into `folder`: `prototypes.png` (all on one sheet), `prototype-012.png` ... (one in several
/// candidates, with activation maps, and its nearest real patches), `prototypes.csv` (the best candidate of
/// each), `candidates.csv`, `nearest.csv`, `index.json` (all of it with the settings) and
/// `visualize-prototypes.pt`.
void write_prototype_views(const std::filesystem::path& folder, TrainedModel& trained,
                           const PrototypeViews& views);

}  // namespace patronus
