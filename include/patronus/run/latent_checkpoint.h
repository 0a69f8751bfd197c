#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <optional>
#include <string>

#include "patronus/diffusion/latent_prior.h"
#include "patronus/interop/tensor_file.h"
#include "patronus/run/run_config.h"
#include "patronus/run/trained_model.h"

namespace patronus {

/// The weights of a run that a latent model belongs to: it describes their activations and no others.
struct LatentSource {
  int64_t step = 0;
  Weights weights = Weights::kRaw;  // or kEma
  std::string hash = {};            // of the weights themselves (checkpoint.h); empty in earlier files
  bool operator==(const LatentSource&) const = default;
};
LatentSource latent_source(const TrainedModel& trained);

/// Everything that a file in `<run>/latent/checkpoints` holds, in the format of the run's own checkpoints
/// (checkpoint.h).
struct LatentCheckpoint {
  int64_t step = 0;
  RunConfig config;  // of the run, with the section `latent` as trained
  LatentSource source;
  at::Tensor mean;       // float32 [P], of the activations of the training images
  at::Tensor deviation;  // float32 [P]
  NamedTensors model;    // raw weights, under the reference's names
  NamedTensors ema;      // their moving average; empty when latent.ema_decay is 0
  Dict optimizer;
};

/// Copies the state of a latent model in training to the CPU. The file says how long vectors are, and to what
/// length the network pads them.
CheckpointWriter snapshot(const LatentCheckpoint& checkpoint);
LatentCheckpoint read_latent_checkpoint(const std::filesystem::path& path);

/// The folder `<run>/latent` of the run that `trained` comes from.
std::filesystem::path latent_folder(const TrainedModel& trained);

/// ConfigError naming the latent model's `folder` unless it belongs to these weights of the run. Of a source
/// without a hash step and kind decide, with a warning.
void require_latent_source(const LatentSource& source, const TrainedModel& trained,
                           const std::filesystem::path& folder);

/// A latent model ready to draw from, on the device of its run's model.
struct LatentModel {
  std::filesystem::path checkpoint;
  int64_t step;
  SamplerSettings sampling;
  LatentPrior prior;
};

/// The latent model of `trained`'s run, with its moving average where it has one; `overrides` may change
/// latent.sampling.*. ConfigError where there is none, where it belongs to other weights of the run, or for
/// overrides that it cannot follow.
LatentModel load_latent_model(const TrainedModel& trained, const std::vector<std::string>& overrides);

/// The same; nothing, with a warning that says why, where there is none that belongs to these weights.
std::optional<LatentModel> usable_latent_model(const TrainedModel& trained,
                                               const std::vector<std::string>& overrides);

}  // namespace patronus
