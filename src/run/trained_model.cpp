#include "patronus/run/trained_model.h"

#include <c10/util/StringUtil.h>

#include "patronus/core/config.h"
#include "patronus/core/error.h"
#include "patronus/diffusion/conditional_denoiser.h"
#include "patronus/run/run_directory.h"

namespace patronus {
namespace {

RunConfig with_overrides(const RunConfig& trained, const std::vector<std::string>& overrides,
                         const std::string& path) {
  RunConfig config = trained;
  const Fields fields(config);
  // Where a model runs is not a property of the checkpoint.
  config.runtime = RuntimeConfig{};
  for (const auto& word : overrides) apply_override(fields, word);
  if (config.data.path != trained.data.path) config.data.typed_path.clear();
  config.data.resolve_paths();
  RunConfig before = trained;
  for (const auto& key : differing_keys(Fields(before), fields)) {
    if (key.starts_with("model.") || key.starts_with("diffusion.") || key == "data.channels" ||
        key == "data.size") {
      throw ConfigError(path + ": was trained with another " + key + "; it cannot be changed afterwards");
    }
  }
  config.validate_trained();
  return config;
}

TrainedModel trained_model(const std::filesystem::path& path, const Checkpoint& checkpoint, Weights weights,
                           const RunConfig& config, at::Device device) {
  const Weights used = used_weights(checkpoint, weights, path);
  PatronusModel model = make_model(config);
  with_context(path.string(), [&] { model.load_state(checkpoint.weights(used)); });
  model.to(device);
  model.use_channels_last();
  model.eval();
  return {path,
          used,
          checkpoint.step,
          checkpoint.config.seed,
          config,
          model,
          Schedule(config.diffusion, device),
          device,
          select_precision(config.runtime.precision, device),
          PrototypeNames(run_of_checkpoint(path) / "names.yaml", config.model.prototypes.count)};
}

}  // namespace

std::string weights_text(const TrainedModel& trained) {
  std::string text = to_string(trained.weights) + " weights of step " + std::to_string(trained.step);
  if (!trained.disabled.empty()) text += " without prototypes " + c10::Join(", ", trained.disabled);
  return text;
}

TrainedModel load_trained_model(const std::filesystem::path& path, Weights weights,
                                const std::vector<std::string>& overrides) {
  const Checkpoint checkpoint = read_checkpoint(path);
  const RunConfig config = with_overrides(checkpoint.config, overrides, path.string());
  return trained_model(path, checkpoint, weights, config, config.runtime.apply());
}

TrainedModel load_further_model(const std::filesystem::path& path, Weights weights, at::Device device) {
  const Checkpoint checkpoint = read_checkpoint(path);
  const RunConfig config = with_overrides(checkpoint.config, {}, path.string());
  return trained_model(path, checkpoint, weights, config, device);
}

ConditionalDenoiser conditional_denoiser(const TrainedModel& trained) {
  const auto denoiser =
      conditional_denoiser(trained.model.unet, trained.schedule, trained.config.diffusion.prediction);
  return [denoiser, encoder = trained.model.encoder](const at::Tensor& activations, Precision precision) {
    return denoiser(encoder->with_fixed(activations), precision);
  };
}

}  // namespace patronus
