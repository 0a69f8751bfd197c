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
  std::vector<int64_t> prototypes = {};  // that are raised, one at a time; empty: all
  int64_t strongest = 0;  // only so many of them, those that answer most to being raised; 0: all
  int64_t images = 50;    // drawn at random
  int64_t starts = 5;  // timesteps below T-1 at which the edit begins late; fewer where there are fewer steps
  PlausibleRangeOptions range = {};
  RegenerateOptions regenerate = {.inversion = {}, .batch_size = 16};
};

/// Whether raising a prototype shows in the end.
enum class EmergenceState {
  kEmerges,
  kNoDifference,    // the final difference's interval does not lie above 0
  kTooLittle,       // it does, but less than a tenth of what was asked arrives
  kCannotBeRaised,  // no image in which it lies half a standard deviation below its plausible maximum
  kTooFewImages,    // fewer than six: resampling so few says little of how sure anything is
};
inline std::vector<std::string> enum_names(EmergenceState) {
  return {"emerges", "no difference", "too little", "cannot be raised", "too few images"};
}

/// Shares of the final difference whose times are told.
inline constexpr double kEmergenceShares[] = {0.1, 0.5, 0.9};

/// How alike two rankings of the prototypes that emerge are.
struct RankRelation {
  Estimate spearman;  // with its interval over images and prototypes; NaN for fewer than 5 prototypes
  int64_t prototypes;
};

/// When prototypes emerge in denoising (paper, section 5 and A.2; Fig. 9). Every prototype k is raised to its
/// plausible maximum, the image is regenerated from its own noise with and without, and the estimate of the
/// clean image at every step is encoded, clamped to [-1, 1]: its activation s_k with, less that without, is
/// the difference. Of K prototypes over S steps; tensors are float64 on the CPU. Only images are counted in
/// which a prototype can be raised by at least half a standard deviation; where there is none, its numbers
/// are NaN. Intervals are those of resampled images (metrics/bootstrap.h).
struct Emergence {
  int64_t images = 0;
  std::vector<int64_t> prototypes{};     // [K]
  std::vector<int64_t> timesteps{};      // [S], t of every step, falling from T-1 to 0
  std::vector<EmergenceState> states{};  // [K]
  std::vector<int64_t>
      order{};  // rows of prototypes, those that emerge first, by falling t50, then by falling `decided`
  at::Tensor counted;        // [K], images
  at::Tensor target_change;  // [K], mean change of the activation asked for
  Estimates difference;      // [K, S], mean over the images
  at::Tensor deviation;      // [K, S], standard deviation of the difference over the images
  Estimates share;           // [K, S], of the mean difference, in the final one
  // [K, 3], for each of `kEmergenceShares` the t at which that share is reached and from then on kept, linear
  // between steps; T-1 where it is there from the first step on.
  Estimates time;
  // When it is decided: the edit begins only at timestep t, and the image is the original's until then.
  std::vector<int64_t> starts{};  // [L + 2], those t, falling from T-1 (at once) to -1 (never)
  Estimates late;      // [K, L + 2], of the final difference, the share that such an edit still brings about
  Estimates decided;   // [K], the t from which on half or more is lost, linear between starts
  Estimates centroid;  // [K], mean spatial frequency of the change of the image
  RankRelation frequency;  // of t50 and centroid: negative where coarse changes come first
  RankRelation decision;   // of `decided` and centroid: negative where coarse changes are decided first
  // [S, 3], denoising loss by t with each image's own activations, another image's, and the mean ones: where
  // in t the condition is used.
  Estimates loss;
  Estimates cost;      // [S, 2], how much larger the loss is with another's, and with the mean ones
  at::Tensor example;  // int64 [K], the image with the largest final difference, of those counted
};

/// Raises prototypes in `options.images` images drawn from `images`, one batch after the other; plausible
/// maxima and mean activations are those of a subset of `real`. After each batch the sums are kept in the
/// file `emergence.pt` of `folder`; a later call with the same model, images and settings goes on from there,
/// also towards more images. Takes about images x steps x prototypes x (2 + starts) evaluations of the
/// network. Results do not depend on the batch size. ConfigError for a prototype that the model does not
/// have, or that is named and disabled.
Emergence measure_emergence(TrainedModel& trained, const Dataset& images, const Dataset& real,
                            const EmergenceOptions& options, const std::filesystem::path& folder);

/// The t at which curves reach `share` for good, linear between steps; the first of `timesteps` where they
/// are never below. `curves`: float64 [..., S], ending in 1; gives [...].
at::Tensor time_of_share(const at::Tensor& curves, const std::vector<int64_t>& timesteps, double share);

/// The clean image as it is estimated step by step, with and without a raised prototype, in one image for
/// each of E prototypes: `Emergence::example`.
struct EmergenceStrips {
  std::vector<int64_t> rows;       // [E], of the prototypes: all for which there is an image
  std::vector<std::string> files;  // [E]
  std::vector<int64_t> shown;      // [M], steps whose pictures are kept
  at::Tensor original;             // uint8 [E, M, C, S, S]
  at::Tensor raised;               // uint8 [E, M, C, S, S]
  at::Tensor before;               // float32 [E, steps], the prototype's activation
  at::Tensor after;                // float32 [E, steps]
};
EmergenceStrips emergence_strips(TrainedModel& trained, const Dataset& images, const Dataset& real,
                                 const Emergence& emergence, const EmergenceOptions& options);

/// "3 of 32 prototypes emerge; no difference: 20, too little: 9".
std::string states_text(const Emergence& emergence);

/// Writes into `folder`: `difference.png` and `emergence.png` (Fig. 9), `decided.png`, `frequency.png`,
/// `condition.png`, `strip-012.png` ... (Fig. 12 to 15), `emergence.csv` (a row a prototype and step),
/// `prototypes.csv` (a row a prototype, by time), `decided.csv`, `condition.csv` (a row a step),
/// `emergence.json` and `emergence.md`.
void write_emergence(const std::filesystem::path& folder, const TrainedModel& trained,
                     const Emergence& emergence, const EmergenceStrips& strips,
                     const EmergenceOptions& options);

}  // namespace patronus
