#include "patronus/run/latent_checkpoint.h"

#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/run/checkpoint.h"
#include "patronus/run/run_directory.h"
#include "run/checkpoint_file.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLatentFormat = "patronus-latent-checkpoint";

std::string text(const LatentSource& source) {
  return "the " + to_string(source.weights) + " weights of step " + std::to_string(source.step) + " (" +
         source.hash + ")";
}

Dict content_of(const LatentCheckpoint& checkpoint) {
  const int64_t length = checkpoint.mean.size(0);
  const int64_t multiple = checkpoint.config.latent.unet.length_multiple();
  Dict content;
  set_config(content, checkpoint.config);
  content.set("source_step", checkpoint.source.step);
  content.set("source_weights", to_string(checkpoint.source.weights));
  content.set("source_hash", checkpoint.source.hash);
  content.set("vector_length", length);
  content.set("padded_length", (length + multiple - 1) / multiple * multiple);
  content.set("mean", checkpoint.mean);
  content.set("deviation", checkpoint.deviation);
  content.set("model", to_dict(checkpoint.model));
  content.set("ema", to_dict(checkpoint.ema));
  content.set("optimizer", checkpoint.optimizer);
  return content;
}

/// The latent model's training configuration with overrides. Throws ConfigError if they change the model.
RunConfig sampling_overridden(const LatentCheckpoint& checkpoint, const std::vector<std::string>& overrides,
                              const std::string& path) {
  RunConfig config = checkpoint.config;
  apply_overrides(config, overrides);
  for (auto& key : keys_that_forbid_resuming_latent(checkpoint.config, config)) {
    if (key == "seed") continue;
    throw ConfigError(path + ": was trained with another " + key + "; it cannot be changed afterwards");
  }
  config.validate_trained();
  return config;
}

struct FoundCheckpoint {
  fs::path path;
  LatentCheckpoint checkpoint;
};

/// The latent model's last checkpoint, as the first rank finds it. Throws ConfigError if there is none
/// trained on these weights.
FoundCheckpoint find_checkpoint(const TrainedModel& trained) {
  const fs::path folder = latent_folder(trained);
  const fs::path own = RunDirectory(folder).last_checkpoint().value_or("");
  const fs::path last = trained.ranks.all_gather_texts("latent model", own.string()).front();
  if (last.empty()) {
    throw ConfigError(folder.string() +
                      ": there is no latent model, from which images without a condition come; train it with "
                      "`patronus train-latent --run " +
                      folder.parent_path().string() + "`");
  }
  const LatentCheckpoint checkpoint = read_latent_checkpoint(last);
  require_latent_source(checkpoint.source, trained, folder);
  return {last, checkpoint};
}

LatentModel loaded_model(const FoundCheckpoint& found, at::Device device,
                         const std::vector<std::string>& overrides) {
  const auto& [path, checkpoint] = found;
  const LatentConfig latent = sampling_overridden(checkpoint, overrides, path.string()).latent;
  const NoiseSchedule schedule(latent.diffusion, device);
  with_context("latent.sampling", [&] { checked_steps(latent.sampling, schedule); });
  UNet1d unet(latent.unet, latent.diffusion.timesteps);
  with_context(path.string(), [&] {
    load_tensors(module_state(*unet), checkpoint.ema.empty() ? checkpoint.model : checkpoint.ema);
  });
  unet->to(device);
  unet->eval();
  return {path,
          checkpoint.step,
          latent.sampling,
          {unet,
           {checkpoint.mean.to(device), checkpoint.deviation.to(device)},
           schedule,
           latent.diffusion.prediction}};
}

}  // namespace

LatentSource latent_source(const TrainedModel& trained) {
  return {trained.step, trained.weights, weights_hash(trained.model.state())};
}

CheckpointWriter snapshot(const LatentCheckpoint& checkpoint) {
  return writer_of_copy(kLatentFormat, {checkpoint.step, content_of(checkpoint)});
}

LatentCheckpoint read_latent_checkpoint(const fs::path& path) {
  const auto [step, content] = read_checkpoint_file(
      path, kLatentFormat, "a latent model's checkpoint; `patronus train-latent` writes them");
  const RunConfig config = config_in(content, path);
  return with_context(path.string(), [&]() -> LatentCheckpoint {
    return {.step = step,
            .config = config,
            .source = {content.at("source_step").integer(),
                       parse_enum<Weights>(content.at("source_weights").text(), "source_weights"),
                       content.at("source_hash").text()},
            .mean = content.at("mean").tensor(),
            .deviation = content.at("deviation").tensor(),
            .model = to_named_tensors(content.at("model").dict()),
            .ema = to_named_tensors(content.at("ema").dict()),
            .optimizer = content.at("optimizer").dict()};
  });
}

fs::path latent_folder(const TrainedModel& trained) {
  return run_of_checkpoint(trained.checkpoint) / "latent";
}

void require_latent_source(const LatentSource& source, const TrainedModel& trained, const fs::path& folder) {
  const LatentSource now = latent_source(trained);
  if (source == now) return;
  throw ConfigError(folder.string() + ": describes the activations of " + text(source) + ", but " +
                    trained.checkpoint.string() + " gives " + text(now) +
                    "; remove that folder and run `patronus train-latent` again");
}

LatentModel load_latent_model(const TrainedModel& trained, const std::vector<std::string>& overrides) {
  return loaded_model(find_checkpoint(trained), trained.device, overrides);
}

std::optional<LatentModel> try_load_latent_model(const TrainedModel& trained,
                                                 const std::vector<std::string>& overrides) {
  std::optional<FoundCheckpoint> found;
  try {
    found = find_checkpoint(trained);
  } catch (const ConfigError& e) {
    log_warning("unconditional images are left out: " + std::string(e.what()));
    return std::nullopt;
  }
  return loaded_model(*found, trained.device, overrides);
}

}  // namespace patronus
