#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "patronus/data/dataset.h"
#include "patronus/run/trained_model.h"

namespace patronus {

/// What a plausible range is of: of each prototype's own activations, or of all prototypes' together, as the
/// reference takes it.
enum class MaximumRule { kPrototype, kGlobal };
inline std::vector<std::string> enum_names(MaximumRule) {
  return {"prototype", "global"};
}

/// How large and small a prototype's activation may plausibly become (paper 3.3).
struct PlausibleRangeOptions {
  int64_t images = 1000;  // size of the subset that commands look in
  double quantile = 1.0;  // of the activations taken for the largest, and 1 - quantile for the smallest
  MaximumRule maximum = MaximumRule::kPrototype;
};

/// Standard deviations by which an activation must lie below its plausible maximum, for the image to count as
/// one in which it can be raised.
inline constexpr double kLeastRaise = 0.5;
/// Share of the asked change that must arrive, for a prototype to count as one that has an effect.
inline constexpr double kLeastGain = 0.1;

struct PlausibleRange {
  at::Tensor minimum;  // [P]
  at::Tensor maximum;  // [P]
};

/// The plausible range of each prototype from the activations [N, P] of real images. ConfigError for a
/// quantile outside 0.5 .. 1.
PlausibleRange plausible_range(const at::Tensor& activation, const PlausibleRangeOptions& options);

/// Which prototypes vary in real images, by the standard deviations [P] of their activations: bool [P]. Not
/// those with a thousandth of the largest or less: what they do is a rounding error.
at::Tensor varying(const at::Tensor& deviation);

/// Activations of real images, and what edits take from them.
struct RealActivations {
  at::Tensor activation;  // float32 [M, P]
  PlausibleRange range;
  // float64 [P], over these images; NaN for a prototype that does not vary: it cannot be raised, and has no
  // unit in which it answers.
  at::Tensor deviation;
};

/// Encodes `options.images` images that are drawn from `real` by the run's seed: the same for every analysis.
RealActivations real_activations(const TrainedModel& trained, const Dataset& real,
                                 const PlausibleRangeOptions& options);

/// Images in which one prototype can be raised or lowered, with its activation at the plausible extreme.
struct MovedActivations {
  at::Tensor rows;           // int64 [R], which of the images
  at::Tensor target_change;  // float64 [R], negative where it is lowered
  at::Tensor edited;         // float32 [R, P]
};

/// Moves prototype `k` to its plausible maximum, or minimum with `lowers`, in those images of `activation`
/// [N, P] that lie at least `kLeastRaise` standard deviations from it.
MovedActivations move_to_extreme(const RealActivations& real, const at::Tensor& activation, int64_t k,
                                 bool lowers);

}  // namespace patronus
