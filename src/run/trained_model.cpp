#include "patronus/run/trained_model.h"

#include <ATen/Functions.h>
#include <c10/util/StringUtil.h>

#include <algorithm>

#include "patronus/core/error.h"
#include "patronus/core/gpu.h"
#include "patronus/diffusion/conditional_denoiser.h"
#include "patronus/run/run_directory.h"

namespace patronus {
namespace {

RunConfig with_overrides(const RunConfig& trained, const std::vector<std::string>& overrides,
                         const std::string& path) {
  RunConfig config = trained;
  // Runtime settings belong to this process, not to the checkpoint.
  config.runtime = RuntimeConfig{};
  apply_overrides(config, overrides);
  config.data.resolve_paths();
  for (const auto& key : differing_keys(trained, config)) {
    if (key.starts_with("model.") || key.starts_with("diffusion.") || key == "data.channels" ||
        key == "data.size") {
      throw ConfigError(path + ": was trained with another " + key + "; it cannot be changed afterwards");
    }
    if (key.starts_with("training.")) {
      throw ConfigError(key + ": says nothing about a run that is trained, " + path +
                        "; train-latent has latent.*, and train continues a run");
    }
  }
  config.validate_trained();
  config.data.validate();
  return config;
}

/// Peak GPU memory of a network evaluation per image, in the precision of round trips.
int64_t bytes_per_image(const TrainedModel& trained) {
  constexpr int64_t kTrial = 8;
  const auto on_device = at::TensorOptions(trained.device);
  const auto activations = at::zeros({kTrial, trained.config.model.prototypes.count}, on_device);
  const auto x = at::zeros(
      {kTrial, trained.config.data.channels, trained.config.data.size, trained.config.data.size}, on_device);
  const ConditionalDenoiser model = conditional_denoiser(trained);
  const auto evaluate = [&] { model(activations, inversion_precision(trained.precision))(x, 0); };
  evaluate();  // fills caches that stay
  return std::max<int64_t>(measure_gpu_bytes(trained.device, evaluate) / kTrial, 1);
}

TrainedModel trained_model(const std::filesystem::path& path, const Checkpoint& checkpoint, Weights weights,
                           const RunConfig& config, at::Device device) {
  const Weights used = used_weights(checkpoint, weights, path);
  PatronusModel model = make_model(config);
  with_context(path.string(), [&] { model.load_state(checkpoint.weights(used)); });
  model.to(device);
  use_channels_last(*model.unet);
  model.eval();
  TrainedModel trained{path,
                       used,
                       checkpoint.step,
                       checkpoint.config,
                       config,
                       model,
                       NoiseSchedule(config.diffusion, device),
                       device,
                       select_precision(config.runtime.precision, device),
                       PrototypeNames(run_of_checkpoint(path) / "names.yaml", config.model.prototypes.count)};
  if (device.is_cuda())
    trained.max_batch_size = batch_size_for_memory(bytes_per_image(trained), free_gpu_bytes(device));
  return trained;
}

}  // namespace

int64_t batch_size_for(const TrainedModel& trained, std::optional<int64_t> requested, int64_t count) {
  if (requested) return *requested;
  const int64_t share = (count + trained.ranks.size() - 1) / trained.ranks.size();
  return std::min(trained.max_batch_size, std::max(share, kMaxCpuBatchSize));
}

int64_t batch_size_for_memory(int64_t bytes_per_image, int64_t free_bytes) {
  constexpr int64_t kMin = 8, kMax = 1024;
  int64_t images = kMin;
  while (images < kMax && 2 * images * bytes_per_image <= free_bytes / 4) images *= 2;
  return images;
}

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

TrainedModel load_another_model(const std::filesystem::path& path, Weights weights, at::Device device) {
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
