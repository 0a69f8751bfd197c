#pragma once

#include "patronus/io/json_text.h"
#include "report/run_records.h"

namespace patronus {

/// Results of `visualize-prototypes` by prototype number: the original, enhanced and difference pictures of
/// the candidate on the sheet, with its box and activations, and the nearest real patches. Null if there are
/// no results.
Json prototype_pictures(const RunRecords& records);

}  // namespace patronus
