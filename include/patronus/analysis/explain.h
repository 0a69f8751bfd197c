#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <vector>

#include "patronus/analysis/inverted_images.h"
#include "patronus/analysis/nearest_patches.h"
#include "patronus/data/dataset.h"
#include "patronus/figures/canvas.h"
#include "patronus/run/trained_model.h"

namespace patronus {

struct ExplainOptions {
  std::vector<int64_t> prototypes = {};  // prototypes that may explain an image; empty: all
  int64_t strongest = 5;                 // prototypes shown per image (all if there are fewer)
  int64_t nearest = 3;                   // nearest real patches shown per prototype; 0: none
  int64_t subset = 1000;                 // real images for typical activations
  RegenerateOptions regenerate = {.strength = 1};
  PatchRule patch = PatchRule::kExact;
};

/// What a model uses of N images: the effect of replacing each of K activations by a typical one. S
/// prototypes are shown per image. All tensors are on the CPU.
struct Explanations {
  ExplainOptions options;           // options used
  std::vector<int64_t> prototypes;  // [K]
  InvertedImages original;          // N
  at::Tensor typical;               // float32 [P], median activation in real images
  at::Tensor varying;               // int64 [V], prototypes that vary in real images
  // float64 [N, K], share of real images with a smaller activation, those with an equal one counting half;
  // NaN for prototypes that do not vary, as in `deviations`.
  at::Tensor percentile;
  at::Tensor deviations;  // float64 [N, K], activation above typical, in standard deviations
  at::Tensor boxes;       // int64 [N, K, 4], the prototypes' most activated patches
  // float64 [N, K]: root mean square over the pixels of the change when the activation becomes typical; share
  // of its square inside the patch, NaN for a change below half a level of 8-bit pixels; and share of the
  // image that the patch covers (`inside` of a uniform change).
  at::Tensor change, inside, area;
  at::Tensor order;      // int64 [N, K], columns of the above, largest change first
  at::Tensor strongest;  // int64 [N, S], the first of `order`
  at::Tensor replaced;   // float32 [N, S, C, S, S], image with this activation typical
  at::Tensor kept;       // float32 [N, C, S, S], image with all activations typical but the strongest
  at::Tensor typified;   // float32 [N, C, S, S], image with all activations typical
  // float64 [N]: share of the squared difference between the typified and the regenerated image that is gone
  // if the strongest prototypes are kept; and the mean of as many random ones of all that vary (NaN if there
  // are no others). NaN if that difference is below half a level of 8-bit pixels.
  at::Tensor explained, explained_at_random;
  // Of the `shown` prototypes, [U, M]: one more than are drawn, as an image is not drawn beside an equal one.
  NearestPatches nearest;
  std::vector<int64_t> shown{};  // [U], prototypes among the strongest of any image
  at::Tensor nearest_images;     // float32 [U, M, C, S, S]

  /// Numbers of the strongest prototypes: int64 [N, S].
  at::Tensor strongest_prototypes() const;
};

/// Explains the images at `indices` by patches, as ProtoPNet does ("this looks like that"), and by what the
/// denoiser makes of them: regenerates each from its own noise x_T (paper 3.3, Eq. 6) with one activation at
/// a time replaced by its median in real images. Takes K + 10 regenerations per image. Warns of
/// fewer than 100 `real` images. Results do not depend on the batch size. Throws ConfigError if a prototype
/// does not exist or is named and disabled.
Explanations explain(TrainedModel& trained, const Dataset& images, const at::Tensor& indices,
                     const Dataset& real, const ExplainOptions& options);

/// Draws image `i`: above, the image, regenerated, with only the strongest prototypes kept, and with all
/// activations typical; below, one row per prototype with its patch in the image, the nearest real patches,
/// and the image and its change with this activation typical.
Canvas draw_explanation(const Explanations& explanations, int64_t i, const PrototypeNames& names);

/// Writes to `folder`: `explain.png` (the first four images), `images/00000.png` ... (one image each),
/// `prototypes.csv` (one row per image and prototype, largest change first), `images.csv` (one row per
/// image), `nearest.csv` (nearest patches of the shown prototypes, if asked for), `round_trip.csv`,
/// `index.json` (settings) and `explain.pt`.
void write_explanations(const std::filesystem::path& folder, const TrainedModel& trained,
                        const Explanations& explanations);

}  // namespace patronus
