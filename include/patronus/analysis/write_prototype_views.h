#pragma once
#include <filesystem>

#include "patronus/analysis/visualize_prototypes.h"

namespace patronus {

/// Writes to `folder`: `prototypes.png` (all on one sheet), `prototype-012.png` ... (one prototype in several
/// candidates, with activation maps and nearest real patches), `prototypes.csv` (one row per prototype, by
/// effect, with the candidate on the sheet), `candidates.csv`, `nearest.csv`, `index.json` (all of it with
/// the settings) and `visualize-prototypes.pt`.
void write_prototype_views(const std::filesystem::path& folder, TrainedModel& trained,
                           const PrototypeViews& views);

}  // namespace patronus
