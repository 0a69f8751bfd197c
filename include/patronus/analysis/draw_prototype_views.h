#pragma once
#include <cstdint>
#include <string>

#include "patronus/analysis/visualize_prototypes.h"
#include "patronus/figures/canvas.h"

namespace patronus {

/// Describes the effect of raising the prototype in row `k` of the views, for headings: "+2.1 sd, median gain
/// 0.63", "hardly any effect, 0.04 of what is asked arrives", or "cannot be raised".
std::string effect_text(const PrototypeViews& views, int64_t k);

/// Draws all prototypes on one sheet, a block each, largest effect first (paper, Fig. 5, 22 and 23): the
/// original image with its activation; the enhanced image with the most activated patch marked and the
/// requested and reached activations; their difference around gray; that patch; and the nearest real patches
/// with their activations. The headings give name and effect.
Canvas draw_prototype_sheet(const PrototypeViews& views, const PrototypeNames& names);

/// Draws row `k` of the views in several candidates, in ranking order (paper, Fig. 6): original and enhanced
/// image with activation maps, difference, patch; below them the nearest real patches.
Canvas draw_prototype(const TrainedModel& trained, const PrototypeViews& views, int64_t k);

}  // namespace patronus
