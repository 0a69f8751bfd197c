#pragma once
#include "patronus/analysis/inverted_images.h"
#include "patronus/analysis/plausible_range.h"
#include "patronus/io/json_text.h"
#include "patronus/run/latent_checkpoint.h"

namespace patronus {

// Provenance of an analysis, for its index.json.

/// Checkpoint of the analysis: path, step, weights and seed.
Json model_json(const TrainedModel& trained);
/// Identity of a saved measurement except its settings: the model, and fingerprints of its file, of the
/// edited images and of the `real` ones that ranges come from. Independent of where they are stored. Reads
/// all pixels.
Json measurement_identity(const TrainedModel& trained, const Dataset& edited, const Dataset& real);
/// Adds the SHA-256 of a checkpoint, from which `report` knows whether results are of the last one; nothing
/// if a training has removed the file since.
void add_hash(Json& json, const std::string& key, const std::filesystem::path& checkpoint);
/// Adds the latent model that vectors were drawn from: path, step and hash.
void add_latent_model(Json& json, const LatentModel& latent);
/// Adds the steps, method and tolerance of an inversion.
void add_settings(Json& json, const InversionOptions& options);
/// Adds the settings of an inversion and the guidance strength.
void add_settings(Json& json, const RegenerateOptions& options);
/// Adds the settings of plausible ranges: maximum rule, quantile and subset size.
void add_settings(Json& json, const PlausibleRangeOptions& options);

}  // namespace patronus
