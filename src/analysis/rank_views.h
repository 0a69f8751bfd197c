#pragma once
#include "patronus/analysis/visualize_prototypes.h"

namespace patronus {

/// Finds what the views say of their prototypes, `effect`, `gain` and `arrived`, and how they are shown:
/// `ranking`, `shown`, `order` and `without_effect`. Says how many candidates do not count.
void rank_views(PrototypeViews& views);

}  // namespace patronus
