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

/// Identity of the weights whose activations a latent model describes.
struct LatentSource {
  int64_t step = 0;
  Weights weights = Weights::kRaw;  // or kEma
  std::string hash = {};            // weights_hash (checkpoint.h)
  bool operator==(const LatentSource&) const = default;
};
LatentSource latent_source(const TrainedModel& trained);

/// Content of a file in `<run>/latent/checkpoints`, in the format of the run's own checkpoints
/// (checkpoint.h).
struct LatentCheckpoint {
  int64_t step = 0;
  RunConfig config;  // the run's, with the section `latent` as trained
  LatentSource source;
  at::Tensor mean;       // float32 [P], of the training images' activations
  at::Tensor deviation;  // float32 [P]
  NamedTensors model;    // raw weights, with the reference's names
  NamedTensors ema;      // moving average of the weights; empty if latent.ema_decay is 0
  Dict optimizer;
};

/// Copies the state of a latent model in training to the CPU, for writing it later. The file also contains
/// the length of the vectors and the padded length.
CheckpointWriter snapshot(const LatentCheckpoint& checkpoint);
LatentCheckpoint read_latent_checkpoint(const std::filesystem::path& path);

/// Folder `<run>/latent` of `trained`'s run.
std::filesystem::path latent_folder(const TrainedModel& trained);

/// Throws ConfigError naming the latent model's `folder` unless `source` is these weights of the run.
void require_latent_source(const LatentSource& source, const TrainedModel& trained,
                           const std::filesystem::path& folder);

/// A latent model ready for sampling, on the device of its run's model.
struct LatentModel {
  std::filesystem::path checkpoint;
  int64_t step;
  SamplerSettings sampling;
  LatentPrior prior;
};

/// Loads the latent model of `trained`'s run, with its moving average if present; `overrides` may change
/// latent.sampling.*. Throws ConfigError if there is none, if it belongs to other weights of the run, or for
/// invalid overrides.
LatentModel load_latent_model(const TrainedModel& trained, const std::vector<std::string>& overrides);

/// Like load_latent_model, but without a model for these weights returns nothing, with a warning that says
/// why.
std::optional<LatentModel> try_load_latent_model(const TrainedModel& trained,
                                                 const std::vector<std::string>& overrides);

}  // namespace patronus
