#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "patronus/analysis/arrive.h"
#include "patronus/analysis/edit.h"
#include "patronus/analysis/inverted_images.h"
#include "patronus/analysis/plausible_range.h"

namespace patronus {

/// A prototype that is shown suppressed and enhanced (at its plausible minimum and maximum), and what it is
/// said to stand for.
struct Contrast {
  std::string name;
  int64_t prototype;
};

struct ManipulateOptions {
  std::vector<Edit> edits = {};        // one after the other
  at::Tensor direction = {};           // [P], of an edit by example; undefined: none
  std::string example = "by example";  // what pictures say of that edit: "towards hat=1, away from hat=0"
  double amount = 1;                   // of the direction that is added
  // At most two, on top of both; the variants are all pairs of their values. `example` takes the amount's
  // place.
  std::vector<Sweep> sweeps = {};
  std::vector<Contrast> contrasts = {};  // in the place of sweeps: two variants of each
  std::optional<double> correlated{};    // least |correlation| of prototypes that follow (edit.h)
  PlausibleRangeOptions range = {};
  RegenerateOptions regenerate = {};
  std::optional<ArriveOptions>
      arrive{};  // search each image's strength; else the one in `regenerate` is used
  PatchRule patch = PatchRule::kExact;
};

/// N images under V variants of an edit. All on the CPU.
struct Manipulation {
  ManipulateOptions options;  // that it was made with
  InvertedImages original;    // N
  // [V]: the edit; the values of the sweeps, those of the last one side by side; or each contrast suppressed
  // and enhanced.
  std::vector<std::string> variants;
  std::vector<std::vector<std::string>> values{};  // of each sweep, as they are named
  at::Tensor target;                               // float32 [V, N, P], activations asked for
  at::Tensor image;                                // float32 [V, N, C, S, S]
  at::Tensor activation;                           // float32 [V, N, P], of the images, encoded again
  at::Tensor strength;                             // float32 [V, N], of the guidance
  at::Tensor arrived{};  // bool [V, N], whether the search found what was asked; undefined without a search
  // int64 [V, N, P, 4]: each prototype's most activated patch, in the edited image where it was raised and in
  // the original where it was lowered: where it acts.
  at::Tensor boxes;
};

/// Changes the activations of images and regenerates them from their own noise (paper 3.3, 4.1; Fig. 1 and
/// 7). Plausible ranges and correlations are those of a subset of `real`. Results do not depend on the batch
/// size. ConfigError where nothing is to be changed, or a prototype is not there or disabled; DataError where
/// an image is not finite afterwards.
Manipulation manipulate(TrainedModel& trained, const Dataset& images, const at::Tensor& indices,
                        const Dataset& real, const ManipulateOptions& options);

/// What an edit did to one image.
struct EditEffect {
  double gain;    // share of the asked change that was reached; NaN where none was asked
  double drift;   // mean absolute change of all activations that were to stay, from those of the image
                  // regenerated without an edit; NaN where none was to stay
  double change;  // root mean square over the pixels
  // Share of the squared change inside the boxes of the (up to three) most changed prototypes; NaN where
  // nothing was asked.
  double inside;
  double area;  // share of the image that these boxes cover: `inside` of a change that is everywhere
};

/// Measures what the edit of variant `v` did to image `i`.
EditEffect edit_effect(const Manipulation& manipulation, int64_t v, int64_t i);

/// The median gain over all images and variants; NaN where nothing was asked.
double median_gain(const Manipulation& manipulation);

/// The (up to three) prototypes whose activation was asked to change most in image `i` of variant `v`, the
/// most changed first; none where nothing was to change.
std::vector<int64_t> most_changed(const Manipulation& manipulation, int64_t v, int64_t i);

/// Writes into `folder`: `manipulate.png` (the first 16 images), `images/00000-0.png` ... (image and
/// variant), `manipulate.csv` (a row an image, variant and changed prototype: before, asked, after, box),
/// `effects.csv` (a row an image and variant), `round_trip.csv`, `index.json` (the settings) and
/// `manipulate.pt`.
void write_manipulation(const std::filesystem::path& folder, const TrainedModel& trained,
                        const Manipulation& manipulation);

/// A row an image (paper, Fig. 1 and 7): original, regenerated, and its variants, with the boxes of the most
/// changed prototypes and what was reached; for a single variant also the difference that it makes. Of two
/// sweeps a grid for each of the first four images, the first sweep downwards and the second to the right. Of
/// contrasts a row each (Fig. 24): the first four images suppressed, regenerated and enhanced.
Canvas draw_manipulation(const Manipulation& manipulation, const PrototypeNames& names);

}  // namespace patronus
