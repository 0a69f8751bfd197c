#include "patronus/analysis/settings_json.h"

#include <nlohmann/json.hpp>

#include "patronus/io/file_hash.h"
#include "patronus/io/json_text.h"

namespace patronus {

Json model_json(const TrainedModel& trained) {
  Json json{{"checkpoint", trained.checkpoint.string()},
            {"step", trained.step},
            {"weights", to_string(trained.weights)},
            {"seed", trained.config.seed},
            {"inversion_precision", to_string(inversion_precision(trained.precision))}};
  if (!trained.disabled.empty()) json["disabled"] = trained.disabled;
  return json;
}

Json measurement_identity(const TrainedModel& trained, const Dataset& edited, const Dataset& real) {
  Json json = model_json(trained);
  json["checkpoint"] = file_sha256(trained.checkpoint);
  json["edited"] = edited.fingerprint();
  json["real"] = real.fingerprint();
  return json;
}

void add_hash(Json& json, const std::string& key, const std::filesystem::path& checkpoint) {
  if (std::filesystem::exists(checkpoint)) json[key] = file_sha256(checkpoint);
}

void add_latent_model(Json& json, const LatentModel& latent) {
  json["latent_model"] = latent.checkpoint.string();
  json["latent_step"] = latent.step;
  add_hash(json, "latent_sha256", latent.checkpoint);
}

void add_settings(Json& json, const InversionOptions& options) {
  json["steps"] = options.steps;
  json["inversion"] = to_string(options.method);
  json["tolerance"] = options.tolerance;
}

void add_settings(Json& json, const RegenerateOptions& options) {
  add_settings(json, options.inversion);
  json["strength"] = options.strength;
}

void add_settings(Json& json, const PlausibleRangeOptions& options) {
  json["maximum"] = to_string(options.maximum);
  json["quantile"] = options.quantile;
  json["subset"] = options.images;
}

}  // namespace patronus
