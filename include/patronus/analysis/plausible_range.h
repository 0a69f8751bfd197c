#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "patronus/data/dataset.h"
#include "patronus/run/trained_model.h"

namespace patronus {

/// Whether a plausible range comes from each prototype's own activations, or from those of all prototypes
/// together, as in the reference.
enum class MaximumRule { kPrototype, kGlobal };
inline std::vector<std::string> enum_names(MaximumRule) {
  return {"prototype", "global"};
}

/// How large and small a prototype's activation may plausibly become (paper 3.3).
struct PlausibleRangeOptions {
  int64_t images = 1000;  // size of the subset of real images
  double quantile = 1.0;  // of the activations, for the maximum; 1 - quantile for the minimum
  MaximumRule maximum = MaximumRule::kPrototype;
};

/// Smallest requested change, in standard deviations, that counts: of a smaller one, the reached share cannot
/// be told from what regeneration alone changes.
inline constexpr double kMinChange = 0.5;
/// Smallest share of the requested change that must be reached for a prototype to count as having an effect.
inline constexpr double kMinGain = 0.1;

struct PlausibleRange {
  at::Tensor minimum;  // [P]
  at::Tensor maximum;  // [P]
};

/// Plausible range of each prototype from the activations [N, P] of real images. Throws ConfigError for a
/// quantile outside 0.5 .. 1.
PlausibleRange plausible_range(const at::Tensor& activation, const PlausibleRangeOptions& options);

/// Which prototypes vary in real images, from the standard deviations [P] of their activations: bool [P].
/// False for those with at most a thousandth of the largest, whose changes are rounding errors.
at::Tensor is_varying(const at::Tensor& deviation);

/// Activations of real images, with the ranges and units that edits use.
struct RealActivations {
  at::Tensor activation;  // float32 [M, P]
  PlausibleRange range;
  // float64 [P], standard deviation over these images; NaN for a prototype that does not vary, which cannot
  // be raised and has no unit.
  at::Tensor deviation;
};

/// Encodes `options.images` images drawn from `real` with the run's seed, the same ones for every analysis.
RealActivations real_activations(const TrainedModel& trained, const Dataset& real,
                                 const PlausibleRangeOptions& options);

/// Which of the requested changes of activations [..., P] count: those at least `kMinChange` long, in
/// standard deviations. bool [...]. `deviation` broadcasts to them; where it is NaN a change adds nothing.
at::Tensor is_measurable_change(const at::Tensor& change, const at::Tensor& deviation);

/// Images in which one prototype can be raised or lowered, with its activation set to the plausible extreme.
struct MovedActivations {
  at::Tensor rows;           // int64 [R], indices of the images
  at::Tensor target_change;  // float64 [R], negative if lowered
  at::Tensor edited;         // float32 [R, P]
};

/// Sets prototype `k` to its plausible maximum (minimum with `lowers`) in those rows of `activation` [N, P]
/// that are far enough from it (`is_measurable_change`).
MovedActivations move_to_extreme(const RealActivations& real, const at::Tensor& activation, int64_t k,
                                 bool lowers);

}  // namespace patronus
