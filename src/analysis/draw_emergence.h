#pragma once
#include <cstdint>
#include <string>

#include "patronus/analysis/emergence.h"
#include "patronus/figures/canvas.h"
#include "patronus/run/prototype_names.h"

namespace patronus {

/// "Spearman -0.50 (-0.88 to 0.12), 8 prototypes", or that these are too few.
std::string relation_text(const RankRelation& relation);

// In the next four figures the same prototypes have the same colours: at most six of those that emerge,
// evenly from first to last in the order in which they do. The others are gray.

/// Mean difference by t (Fig. 9), for at most three prototypes, since deviations are wide, with one standard
/// deviation of the images to either side.
Canvas draw_difference(const Emergence& emergence, const PrototypeNames& names);

/// Share of the final difference by t (Fig. 9), with bands of their intervals.
Canvas draw_emergence(const Emergence& emergence, const PrototypeNames& names);

/// Share of the final difference that an edit still brings about which begins only at t, with bands.
Canvas draw_decided(const Emergence& emergence, const PrototypeNames& names);

/// When each prototype that emerges is decided against the spatial frequency of what it changes.
Canvas draw_frequency(const Emergence& emergence, const PrototypeNames& names);

/// Denoising loss by t with own, another image's and mean activations.
Canvas draw_condition_use(const Emergence& emergence);

/// Number `i` of the strips: the estimates of the clean image without and with the raised prototype, and
/// below them its activation in both (Fig. 12 to 15).
Canvas draw_strip(const Emergence& emergence, const EmergenceStrips& strips, int64_t i,
                  const PrototypeNames& names);

}  // namespace patronus
