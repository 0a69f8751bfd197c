#pragma once

#include "patronus/io/json_text.h"
#include "report/run_records.h"

namespace patronus {

/// What `visualize-prototypes` kept of each prototype, by its number: in the candidate on the sheet original,
/// enhanced and difference picture, box and activations; and its nearest real patches. Null where nothing was
/// kept.
Json prototype_pictures(const RunRecords& records);

}  // namespace patronus
