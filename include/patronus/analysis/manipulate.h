#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "patronus/analysis/edit.h"
#include "patronus/analysis/inverted_images.h"
#include "patronus/analysis/plausible_range.h"
#include "patronus/analysis/strength_search.h"

namespace patronus {

/// A prototype to show suppressed (plausible minimum) and enhanced (maximum), and the name of what it
/// represents.
struct Contrast {
  std::string name;
  int64_t prototype;
};

struct ManipulateOptions {
  std::vector<Edit> edits = {};        // applied in order
  at::Tensor direction = {};           // [P], direction of an edit by example; undefined: none
  std::string example = "by example";  // caption of that edit: "towards hat=1, away from hat=0"
  double amount = 1;                   // multiple of `direction` that is added
  // At most two, applied after edits and example; the variants are all combinations of their values. A sweep
  // of `example` replaces `amount`.
  std::vector<EditSweep> sweeps = {};
  std::vector<Contrast> contrasts = {};  // instead of sweeps: two variants each
  std::optional<double> correlated{};    // smallest |correlation| for prototypes to follow (edit.h)
  PlausibleRangeOptions range = {};
  RegenerateOptions regenerate = {};
  // Searches each image's guidance strength; without it the strength in `regenerate` is used.
  std::optional<StrengthSearchOptions> strength_search{};
  PatchRule patch = PatchRule::kExact;
};

/// N images under V variants of an edit. All tensors are on the CPU.
struct Manipulation {
  ManipulateOptions options;  // options used
  InvertedImages original;    // N
  // [V]: the edit; or the combinations of sweep values, the last sweep varying fastest; or each contrast
  // suppressed and enhanced.
  std::vector<std::string> variants;
  std::vector<std::vector<std::string>> values{};  // labels of each sweep's values
  at::Tensor deviation;                            // float64 [P], of the activations in real images
  at::Tensor target;                               // float32 [V, N, P], requested activations
  at::Tensor image;                                // float32 [V, N, C, S, S]
  at::Tensor activation;                           // float32 [V, N, P], re-encoded from `image`
  at::Tensor strength;                             // float32 [V, N], guidance strength
  // bool [V, N], whether the search succeeded; false if too little is requested to search
  // (`is_measurable_change`); undefined without a search
  at::Tensor arrived{};
  // int64 [V, N, P, 4], each prototype's most activated patch: in the edited image if raised, in the original
  // if lowered.
  at::Tensor boxes;
};

/// Edits the activations of images and regenerates them from their own noise (paper 3.3, 4.1; Fig. 1 and 7).
/// Plausible ranges and correlations come from a subset of `real`. Results do not depend on the batch size.
/// Throws ConfigError if there is nothing to change, or a prototype is missing or disabled; DataError if an
/// edited image is not finite.
Manipulation manipulate(TrainedModel& trained, const Dataset& images, const at::Tensor& indices,
                        const Dataset& real, const ManipulateOptions& options);

/// Measured effect of an edit on one image.
struct EditEffect {
  // Share of the requested change that is reached; NaN if too little is requested (`is_measurable_change`).
  double gain;
  // Mean absolute change of the activations that were to stay, from those of the image regenerated without an
  // edit; NaN if none was to stay.
  double drift;
  double change;  // root mean square over pixels
  // Share of the squared change inside the boxes of the (up to three) most changed prototypes; NaN if no
  // change is requested.
  double inside;
  double area;  // share of the image covered by these boxes: `inside` of a uniform change
};

/// Measures the effect of variant `v` on image `i`.
EditEffect edit_effect(const Manipulation& manipulation, int64_t v, int64_t i);

/// Median gain over all images and variants for which enough is requested (`is_measurable_change`); NaN if
/// there are none.
double median_gain(const Manipulation& manipulation);

/// The (up to three) prototypes with the largest requested change in image `i` of variant `v`, largest first;
/// empty if no change is requested.
std::vector<int64_t> most_changed(const Manipulation& manipulation, int64_t v, int64_t i);

/// Writes to `folder`: `manipulate.png` (the first 16 images), `images/00000-0.png` ... (image and variant),
/// `manipulate.csv` (one row per image, variant and changed prototype: before, asked, after, box),
/// `effects.csv` (one row per image and variant), `round_trip.csv`, `index.json` (settings) and
/// `manipulate.pt`.
void write_manipulation(const std::filesystem::path& folder, const TrainedModel& trained,
                        const Manipulation& manipulation);

/// Draws one row per image (paper, Fig. 1 and 7): original, regenerated, and its variants, with the boxes of
/// the most changed prototypes and the reached activations; for a single variant also the difference. Two
/// sweeps: a grid for each of the first four images, the first sweep downwards, the second to the right.
/// Contrasts: one row each (Fig. 24), with the first four images suppressed, regenerated and enhanced.
Canvas draw_manipulation(const Manipulation& manipulation, const PrototypeNames& names);

}  // namespace patronus
