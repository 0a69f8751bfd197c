#pragma once
#include "patronus/analysis/compare_runs.h"
#include "patronus/figures/canvas.h"

namespace patronus {

/// Other models that a figure has room for; the first ones are drawn.
inline constexpr size_t kMaxDrawnModels = 6;

/// Up to 16 prototypes of the reference, from the one most often found again to the one least often, each
/// beside its matches: the three of `images` that activate each most, with its most activated patch.
Canvas draw_comparison(const RunComparison& comparison, const Dataset& images);

}  // namespace patronus
