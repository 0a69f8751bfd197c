#include "patronus/run/source_weights.h"

#include <nlohmann/json.hpp>

#include "patronus/core/error.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/json_text.h"

namespace patronus {

namespace fs = std::filesystem;

fs::path source_checkpoint(const fs::path& source) {
  std::error_code error;  // ignored: an overlong name is no file's
  if (fs::is_directory(source, error)) {
    if (const auto last = RunDirectory(source).last_checkpoint()) return *last;
    throw ConfigError("training.from: " + source.string() + " holds no checkpoint; name a trained run" +
                      did_you_mean_run(source));
  }
  const fs::path path = resolve_checkpoint(source);
  if (!fs::exists(path, error))
    throw ConfigError("training.from: " + source.string() + ": no such run or checkpoint" +
                      did_you_mean_run(source));
  return path;
}

RunConfig source_config(const fs::path& source) {
  RunConfig config = read_checkpoint(source_checkpoint(source)).config;
  config.runtime = RuntimeConfig{};
  return config;
}

SourceWeights source_weights(const fs::path& source) {
  const fs::path path = source_checkpoint(source);
  const Checkpoint checkpoint = read_checkpoint(path);
  const Weights used = used_weights(checkpoint, Weights::kAuto, path);
  return {path, used, checkpoint.step, checkpoint.config, checkpoint.weights(used)};
}

std::string source_text(const SourceWeights& source) {
  return to_string(source.weights) + " weights of step " + std::to_string(source.step) + " of " +
         source.checkpoint.string() + ", " + weights_hash(source.tensors);
}

std::vector<std::string> differing_model_settings(const SourceWeights& source, const RunConfig& config) {
  auto keys = differing_keys(source.config, config);
  std::erase_if(keys, [](const std::string& key) {
    return !key.starts_with("model.") && !key.starts_with("diffusion.");
  });
  return keys;
}

void write_source(const RunDirectory& run, const SourceWeights& source) {
  const Json json{{"checkpoint", source.checkpoint.string()},
                  {"weights", to_string(source.weights)},
                  {"step", source.step},
                  {"hash", weights_hash(source.tensors)}};
  write_file(run.file("from.json"), json_text(json));
}

std::string source_hash(const RunDirectory& run) {
  const fs::path file = run.file("from.json");
  const Json source = fs::exists(file) ? read_json(file) : Json();
  return source.is_object() ? source.value("hash", std::string()) : "";
}

}  // namespace patronus
