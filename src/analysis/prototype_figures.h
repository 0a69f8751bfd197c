#pragma once
#include "patronus/analysis/visualize_prototypes.h"

namespace patronus {

/// All prototypes on one sheet, a block each (paper, Fig. 5, 22 and 23): the candidate in which the prototype
/// becomes strongest, with its activation; the same enhanced, with the most activated patch marked, and the
/// activation reached; that patch; the nearest real patches, with their activations.
at::Tensor draw_prototype_sheet(const PrototypeViews& views);

/// Prototype number `k` of the views in several candidates, the best first (paper, Fig. 6): original and
/// enhanced image with activation maps, patch; below them its nearest real patches.
at::Tensor draw_prototype(PrototypeEncoder encoder, const PrototypeViews& views, int64_t k);

}  // namespace patronus
