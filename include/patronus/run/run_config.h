#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "patronus/core/describe.h"
#include "patronus/data/data_config.h"
#include "patronus/diffusion/samplers.h"
#include "patronus/diffusion/schedule.h"
#include "patronus/figures/figure.h"
#include "patronus/models/patronus_model.h"
#include "patronus/models/unet1d.h"

namespace patronus {

/// What the learning rate does after its warm-up: it stays, or falls to zero as a cosine.
enum class LearningRateSchedule { kConstant, kCosine };
inline std::vector<std::string> enum_names(LearningRateSchedule) {
  return {"constant", "cosine"};
}

/// What changes the weights: AdamW alone, or Muon for the UNet's hidden weights and AdamW for the rest.
enum class OptimizerKind { kAdamW, kMuon };
inline std::vector<std::string> enum_names(OptimizerKind) {
  return {"adamw", "muon"};
}

/// Length, optimiser and bookkeeping of a training; part of YAML sections `training` and `latent`.
struct OptimizationConfig {
  int64_t batch_size = 128;
  int64_t epochs = 100;
  int64_t max_steps = 0;
  OptimizerKind optimizer = OptimizerKind::kAdamW;
  double learning_rate = 1e-5;
  double muon_learning_rate_factor = 3;
  LearningRateSchedule learning_rate_schedule = LearningRateSchedule::kConstant;
  int64_t warmup_steps = 0;
  double weight_decay = 0.01;
  double clip_gradient = 0;
  double ema_decay = 0.9999;
  int64_t log_every = 50;
  int64_t checkpoint_every = 1000;
  int64_t keep_checkpoints = 3;

  void describe(Fields& field);
};

/// How a model is trained (paper A.3); YAML section `training`.
struct TrainingConfig : OptimizationConfig {
  std::string from;
  int64_t accumulate = 1;
  double encoder_learning_rate_factor = 1;
  bool horizontal_flip = false;
  double distinct_weight = 0;
  double distinct_margin = 0.5;
  double decorrelation_weight = 0;
  double decorrelation_memory = 0.98;
  int64_t sample_every = 2000;
  int64_t sample_images = 8;

  void describe(Fields& field);
};

/// The latent model, how it is trained and how vectors are drawn from it (paper 3.4, A.3); YAML section
/// `latent`. Its network is small and always computes in fp32.
struct LatentConfig : OptimizationConfig {
  UNet1dConfig unet;
  DiffusionConfig diffusion;
  SamplerSettings sampling;

  LatentConfig();
  void describe(Fields& field);
};

/// Where the work runs and how its figures are written; YAML section `runtime`. Not part of what a run is: a
/// run may be resumed with other values.
struct RuntimeConfig {
  std::string device = "auto";
  PrecisionChoice precision = PrecisionChoice::kAuto;
  int64_t threads = 0;
  std::vector<FigureFormat> figures{FigureFormat::kPng};
  int64_t rank_timeout_s = 1800;
  bool graphs = true;
  bool deterministic = false;

  void describe(Fields& field);
  /// Lets the operators of this process compute accordingly, and gives the device that is chosen.
  at::Device apply() const;
};

/// A whole configuration file.
struct RunConfig {
  /// Version of the format. A file without it is of version 1; one of a later version than this program's is
  /// refused.
  int64_t version = 1;
  int64_t seed = 0;
  DataConfig data;
  ModelConfig model;
  DiffusionConfig diffusion;
  TrainingConfig training;
  SamplerSettings sampling;  // where a command does not say otherwise
  LatentConfig latent;
  RuntimeConfig runtime;

  void describe(Fields& field);
  /// The run's seed for one purpose and index (`derive_seed`).
  uint64_t seed_for(std::string_view purpose, uint64_t index = 0) const;
  /// Checks settings that depend on each other; ConfigError. Those that depend on an image size of 0 are left
  /// until the images have told it (data/image_survey.h).
  void validate() const;
  /// The same of a model that was trained, but for how images and vectors are drawn: that is checked where
  /// they are, for a command may change it.
  void validate_trained() const;
};

/// The defaults, or, where training.from is set, the settings of that run (run/source_weights.h), changed by
/// the YAML `files` one after the other, then by `overrides` ("a.b=value"), and validated.
/// ConfigError naming file and line. `run`: the folder that is trained in, if any: once it has a
/// checkpoint, its settings stand in the place of those of training.from.
RunConfig load_run_config(const std::vector<std::filesystem::path>& files,
                          const std::vector<std::string>& overrides, const std::filesystem::path& run = {});

/// Applies words ("a.b=value") to a configuration. ConfigError as apply_override (core/config.h).
void apply_overrides(RunConfig& config, const std::vector<std::string>& words);

/// The section `runtime` with `overrides`, which may be for any section, of a run that is not read yet.
RuntimeConfig runtime_config(const std::vector<std::string>& overrides);

/// The configuration as YAML, and back, as of a model that was trained; `source` stands for the file in
/// messages.
std::string to_yaml(const RunConfig& config);
RunConfig run_config_from_yaml(const std::string& text, const std::string& source);

/// The model that the configuration describes, freshly initialised from its seed.
PatronusModel make_model(const RunConfig& config);

/// The settings that all ranks of a training must share, by key: all but runtime.*, latent.*, sampling.*,
/// data.attributes, and where the data and its cache lie.
std::vector<std::pair<std::string, std::string>> settings_of_all_ranks(const RunConfig& config);

/// Keys of the settings that differ.
std::vector<std::string> differing_keys(const RunConfig& a, const RunConfig& b);

/// Keys that may not change when a run is resumed and do differ: all but runtime.*, latent.*, sampling.*, the
/// length of training, what it writes and how often, data.attributes, and where the data and its cache lie.
std::vector<std::string> keys_that_forbid_resuming(const RunConfig& before, const RunConfig& now);

/// The keys that forbid resuming the run's latent model: the seed and latent.*, but for the length of
/// training, what it writes and how often, and latent.sampling.*.
std::vector<std::string> keys_that_forbid_resuming_latent(const RunConfig& before, const RunConfig& now);

/// "seed (0, not 3), training.batch_size (32, not 64)": keys with their values before and now.
std::string differences_text(const std::vector<std::string>& keys, const RunConfig& before,
                             const RunConfig& now);

}  // namespace patronus
