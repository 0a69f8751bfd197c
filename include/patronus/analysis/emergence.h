#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/analysis/inverted_images.h"
#include "patronus/analysis/plausible_range.h"
#include "patronus/core/named_enum.h"
#include "patronus/data/dataset.h"
#include "patronus/metrics/bootstrap.h"
#include "patronus/run/trained_model.h"

namespace patronus {

struct EmergenceOptions {
  std::vector<int64_t> prototypes = {};  // prototypes to raise, one at a time; empty: all
  int64_t strongest = 0;  // raise only this many, those with the largest effect on themselves; 0: all
  int64_t images = 50;    // number of images, drawn at random
  int64_t starts = 5;     // timesteps below T-1 at which the edit starts late; fewer if there are fewer steps
  PlausibleRangeOptions range = {};
  RegenerateOptions regenerate = {.inversion = {}, .batch_size = 16};
};

/// Outcome of raising a prototype.
enum class EmergenceState {
  kEmerges,
  kNoDifference,    // the interval of the final difference is not above 0
  kTooLittle,       // it is above 0, but less than a tenth of the requested change is reached
  kCannotBeRaised,  // in no image half a standard deviation or more below its plausible maximum
  kTooFewImages,    // fewer than six: too few to resample for an interval
};
inline std::vector<std::string> enum_names(EmergenceState) {
  return {"emerges", "no difference", "too little", "cannot be raised", "too few images"};
}

/// Shares of the final difference whose times are reported.
inline constexpr double kEmergenceShares[] = {0.1, 0.5, 0.9};

/// Rank correlation between two orderings of the emerging prototypes.
struct RankCorrelation {
  Estimate spearman;  // with interval over images and prototypes; NaN for fewer than 5 prototypes
  int64_t prototypes;
};

/// When prototypes emerge in denoising (paper, section 5 and A.2; Fig. 9). Each prototype k is raised to its
/// plausible maximum, the image is regenerated from its own noise with and without this edit, and the
/// estimate of the clean image at every step is clamped to [-1, 1] and encoded. The difference is s_k with
/// the edit minus s_k without. K prototypes, S steps; tensors are float64 on the CPU. Only images in which a
/// prototype can be raised by at least half a standard deviation count; if there are none, its values are
/// NaN. Intervals come from resampled images (metrics/bootstrap.h).
struct Emergence {
  int64_t images = 0;
  std::vector<int64_t> prototypes{};     // [K]
  std::vector<int64_t> timesteps{};      // [S], t of every step, falling from T-1 to 0
  std::vector<EmergenceState> states{};  // [K]
  // [K], rows of prototypes: emerging ones first, by decreasing t50, then by decreasing `decided`.
  std::vector<int64_t> order{};
  at::Tensor counted;        // [K], number of images used
  at::Tensor target_change;  // [K], mean requested change of the activation
  Estimates difference;      // [K, S], mean over the images
  at::Tensor deviation;      // [K, S], standard deviation of the difference over the images
  Estimates share;           // [K, S], mean difference as a share of the final one
  // [K, 3], for each of `kEmergenceShares` the t at which that share is reached for good, linear between
  // steps; T-1 if it is there from the first step on.
  Estimates time;
  // When the prototype is decided: the edit starts only at timestep t, and x_t follows the original until
  // then.
  std::vector<int64_t> starts{};  // [L + 2], start timesteps, falling from T-1 (at once) to -1 (never)
  Estimates late;      // [K, L + 2], share of the final difference that an edit from that start reaches
  Estimates decided;   // [K], t from which on at least half is lost, linear between starts
  Estimates centroid;  // [K], mean spatial frequency of the change of the image
  RankCorrelation frequency;  // of t50 and centroid: negative if coarse changes come first
  RankCorrelation decision;   // of `decided` and centroid: negative if coarse changes are decided first
  // [S, 3], denoising loss at each t under the image's own, another image's, and the mean activations: shows
  // at which t the condition is used.
  Estimates loss;
  Estimates cost;  // [S, 2], ratio to that under the own: under another image's, under the mean activations
  at::Tensor example;  // int64 [K], image with the largest final difference of those used
};

/// Raises prototypes in `options.images` images drawn from `images`, batch by batch; plausible maxima and
/// mean activations come from a subset of `real`. Saves the sums after each batch to `emergence.pt` in
/// `folder`; a later call with the same model, images and settings continues from there, also to more images.
/// Takes about images × steps × prototypes × (2 + starts) network evaluations. Results do not depend on the
/// batch size. Throws ConfigError for a prototype that does not exist, or is named and disabled.
Emergence measure_emergence(TrainedModel& trained, const Dataset& images, const Dataset& real,
                            const EmergenceOptions& options, const std::filesystem::path& folder);

/// The t at which curves reach `share` for good, linear between steps; the first of `timesteps` if they are
/// never below it. `curves`: float64 [..., S], ending in 1. Returns [...].
at::Tensor time_of_share(const at::Tensor& curves, const std::vector<int64_t>& timesteps, double share);

/// Clean-image estimates at each step, with and without a raised prototype, for each of E prototypes in its
/// `Emergence::example`.
struct EmergenceStrips {
  std::vector<int64_t> rows;       // [E], rows in Emergence of the prototypes that have an example
  std::vector<std::string> files;  // [E]
  std::vector<int64_t> shown;      // [M], steps with stored pictures
  at::Tensor original;             // uint8 [E, M, C, S, S]
  at::Tensor raised;               // uint8 [E, M, C, S, S]
  at::Tensor before;               // float32 [E, steps], the prototype's activation
  at::Tensor after;                // float32 [E, steps]
};
EmergenceStrips emergence_strips(TrainedModel& trained, const Dataset& images, const Dataset& real,
                                 const Emergence& emergence, const EmergenceOptions& options);

/// One-line summary: "3 of 32 prototypes emerge; no difference: 20, too little: 9".
std::string states_text(const Emergence& emergence);

/// Writes to `folder`: `difference.png` and `emergence.png` (Fig. 9), `decided.png`, `frequency.png`,
/// `condition.png`, `strip-012.png` ... (Fig. 12 to 15), `emergence.csv` (one row per prototype and step),
/// `prototypes.csv` (one per prototype, by time), `decided.csv`, `condition.csv` (one per step),
/// `emergence.json` and `emergence.md`.
void write_emergence(const std::filesystem::path& folder, const TrainedModel& trained,
                     const Emergence& emergence, const EmergenceStrips& strips,
                     const EmergenceOptions& options);

}  // namespace patronus
