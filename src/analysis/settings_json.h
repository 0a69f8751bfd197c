#pragma once
#include <nlohmann/json.hpp>

#include "patronus/analysis/inverted_images.h"
#include "patronus/analysis/plausible_range.h"

namespace patronus {

// How the numbers of an analysis came about, for its index.json.

/// Checkpoint, step, weights and seed.
nlohmann::ordered_json model_json(const TrainedModel& trained);
/// Adds steps, inversion and tolerance.
void add_settings(nlohmann::ordered_json& json, const InversionOptions& options);
/// Adds the same, and strength.
void add_settings(nlohmann::ordered_json& json, const RegenerateOptions& options);
/// Adds maximum, quantile and subset.
void add_settings(nlohmann::ordered_json& json, const PlausibleRangeOptions& options);

}  // namespace patronus
