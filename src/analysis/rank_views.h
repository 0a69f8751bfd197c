#pragma once
#include "patronus/analysis/visualize_prototypes.h"

namespace patronus {

/// Computes the measures of the views, `effect`, `gain` and `reached_share`, and their display order:
/// `ranking`, `shown`, `order` and `without_effect`. Logs how many candidates do not count.
void rank_views(PrototypeViews& views);

}  // namespace patronus
