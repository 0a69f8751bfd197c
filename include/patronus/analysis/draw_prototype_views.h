#pragma once
#include <cstdint>

#include "patronus/analysis/visualize_prototypes.h"
#include "patronus/figures/canvas.h"

namespace patronus {

/// All prototypes on one sheet, a block each (paper, Fig. 5, 22 and 23), those with the largest effect first:
/// the original with the prototype's activation; enhanced, with the most activated patch marked and the
/// activation asked for and reached; the difference around gray; that patch; the nearest real patches, with
/// their activations. Heads give name and effect.
Canvas draw_prototype_sheet(const PrototypeViews& views, const PrototypeNames& names);

/// Prototype number `k` of the views in several candidates, as they are ranked (paper, Fig. 6): original and
/// enhanced image with activation maps, difference, patch; below them its nearest real patches.
Canvas draw_prototype(const TrainedModel& trained, const PrototypeViews& views, int64_t k);

}  // namespace patronus
