#pragma once
#include "patronus/analysis/inverted_images.h"
#include "patronus/analysis/plausible_range.h"
#include "patronus/io/json_text.h"

namespace patronus {

// How the numbers of an analysis came about, for its index.json.

/// The checkpoint that an analysis is of: path, step, weights and seed.
Json model_json(const TrainedModel& trained);
/// The model, and fingerprints of its file, of the images that are edited and of the `real` ones that ranges
/// come from: what a kept measurement belongs to, but for its settings. The same wherever they lie. Reads all
/// pixels.
Json measured_on(const TrainedModel& trained, const Dataset& edited, const Dataset& real);
/// Adds steps, inversion and tolerance of an inversion.
void add_settings(Json& json, const InversionOptions& options);
/// Adds the settings of an inversion, and the strength of the guidance.
void add_settings(Json& json, const RegenerateOptions& options);
/// Adds how plausible maxima were found: maximum, quantile and subset.
void add_settings(Json& json, const PlausibleRangeOptions& options);

}  // namespace patronus
