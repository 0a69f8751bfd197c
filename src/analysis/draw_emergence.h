#pragma once
#include <cstdint>
#include <string>

#include "patronus/analysis/emergence.h"
#include "patronus/figures/canvas.h"
#include "patronus/run/prototype_names.h"

namespace patronus {

/// "Spearman -0.50 (-0.88 to 0.12), 8 prototypes", or a text saying that there is no correlation because the
/// prototypes are too few or all alike.
std::string rank_correlation_text(const RankCorrelation& relation);

// The next four figures use the same colours for the same prototypes: for at most six of those that emerge,
// evenly spaced in the order in which they do. The others are gray.

/// Mean difference over t (Fig. 9). At most three prototypes have a band of one standard deviation over the
/// images to either side, because these bands are wide.
Canvas draw_difference(const Emergence& emergence, const PrototypeNames& names);

/// Share of the final difference over t (Fig. 9), with interval bands.
Canvas draw_emergence(const Emergence& emergence, const PrototypeNames& names);

/// Share of the final difference that an edit reaches if it starts only at t, with interval bands.
Canvas draw_decided(const Emergence& emergence, const PrototypeNames& names);

/// Timestep at which each emerging prototype is decided, against the spatial frequency of the change.
Canvas draw_frequency(const Emergence& emergence, const PrototypeNames& names);

/// Denoising loss over t under the image's own, another image's and the mean activations.
Canvas draw_condition_use(const Emergence& emergence);

/// Strip `i`: the clean-image estimates without and with the raised prototype and, below them, its activation
/// in both (Fig. 12 to 15).
Canvas draw_strip(const Emergence& emergence, const EmergenceStrips& strips, int64_t i,
                  const PrototypeNames& names);

}  // namespace patronus
