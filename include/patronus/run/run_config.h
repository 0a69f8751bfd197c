#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "patronus/core/describe.h"
#include "patronus/data/data_config.h"
#include "patronus/diffusion/noise_schedule.h"
#include "patronus/diffusion/samplers.h"
#include "patronus/figures/figure.h"
#include "patronus/models/patronus_model.h"
#include "patronus/models/unet1d.h"

namespace patronus {

/// Learning rate after warm-up: constant, or cosine decay to zero.
enum class LearningRateSchedule { kConstant, kCosine };
inline std::vector<std::string> enum_names(LearningRateSchedule) {
  return {"constant", "cosine"};
}

/// Optimiser: AdamW for all weights, or Muon for the UNet's hidden weights and AdamW for the rest.
enum class OptimizerKind { kAdamW, kMuon };
inline std::vector<std::string> enum_names(OptimizerKind) {
  return {"adamw", "muon"};
}

/// Length, optimiser and bookkeeping of a training; part of the YAML sections `training` and `latent`.
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

/// Training settings (paper A.3); YAML section `training`.
struct TrainingConfig : OptimizationConfig {
  std::string from;
  std::vector<std::string> balance{};
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

/// Settings of the latent model, its training and sampling (paper 3.4, A.3); YAML section `latent`. Its
/// network is small and always computes in fp32.
struct LatentConfig : OptimizationConfig {
  UNet1dConfig unet;
  DiffusionConfig diffusion;
  SamplerSettings sampling;

  LatentConfig();
  void describe(Fields& field);
};

/// Where to compute and in which formats to write figures; YAML section `runtime`. Not part of a run's
/// identity: a run can be resumed with other values.
struct RuntimeConfig {
  std::string device = "auto";
  PrecisionChoice precision = PrecisionChoice::kAuto;
  int64_t threads = 0;
  std::vector<FigureFormat> figures{FigureFormat::kPng};
  int64_t rank_timeout_s = 1800;
  bool graphs = true;
  bool deterministic = false;

  void describe(Fields& field);
  /// Configures the operators of this process accordingly and returns the selected device.
  at::Device apply() const;
};

/// A complete configuration.
struct RunConfig {
  /// Version of the format; 1 if missing in a file. Later versions than this program's are rejected.
  int64_t version = 1;
  int64_t seed = 0;
  DataConfig data;
  ModelConfig model;
  DiffusionConfig diffusion;
  TrainingConfig training;
  SamplerSettings sampling;  // defaults for commands
  LatentConfig latent;
  RuntimeConfig runtime;

  void describe(Fields& field);
  /// The run's seed for a purpose and index (`derive_seed`).
  uint64_t seed_for(std::string_view purpose, uint64_t index = 0) const;
  /// Checks settings that depend on each other; throws ConfigError. Skips those that depend on an image size
  /// of 0, which is determined later from the images (data/image_survey.h).
  void validate() const;
  /// Like validate, for a trained model: skips sampler settings, which a command may change and which are
  /// checked when sampling.
  void validate_trained() const;
};

/// Loads a configuration: the defaults or, if training.from is set, the settings of that run
/// (run/source_weights.h), then the YAML `files` in order, then `overrides` ("a.b=value"); and validates it.
/// Throws ConfigError naming file and line. `run`: folder to train in, if any; once it has a checkpoint, its
/// settings replace those of training.from.
RunConfig load_run_config(const std::vector<std::filesystem::path>& files,
                          const std::vector<std::string>& overrides, const std::filesystem::path& run = {});

/// Applies overrides ("a.b=value") to a configuration. Throws ConfigError as apply_override (core/config.h).
void apply_overrides(RunConfig& config, const std::vector<std::string>& words);

/// Whether `key` is not about training, or only says where files lie or which attributes to read: what
/// commands on a trained run may change.
bool is_free_of_training(const std::string& key);

/// The section `runtime` with `overrides`, which may be for any section, before a run is read.
RuntimeConfig runtime_config(const std::vector<std::string>& overrides);

/// Converts a trained model's configuration to YAML, and back; `source` is the file name shown in messages.
std::string to_yaml(const RunConfig& config);
RunConfig run_config_from_yaml(const std::string& text, const std::string& source);

/// Creates the model of a configuration, initialised from its seed.
PatronusModel make_model(const RunConfig& config);

/// Settings that must be equal on all ranks of a training, by key: all but runtime.*, latent.*, sampling.*,
/// data.attributes, and the locations of the data and cache.
std::vector<std::pair<std::string, std::string>> settings_of_all_ranks(const RunConfig& config);

/// Keys of settings that differ.
std::vector<std::string> differing_keys(const RunConfig& a, const RunConfig& b);

/// Keys of differing settings that must not change when a run is resumed: all but runtime.*, latent.*,
/// sampling.*, the length of training, what it writes and how often, data.attributes, and the locations of
/// the data and cache.
std::vector<std::string> keys_that_forbid_resuming(const RunConfig& before, const RunConfig& now);

/// Keys of differing settings that must not change when the run's latent model is resumed: the seed and
/// latent.*, except the length of training, what it writes and how often, and latent.sampling.*.
std::vector<std::string> keys_that_forbid_resuming_latent(const RunConfig& before, const RunConfig& now);

/// Keys with old and new values: "seed (0, not 3), training.batch_size (32, not 64)".
std::string differences_text(const std::vector<std::string>& keys, const RunConfig& before,
                             const RunConfig& now);

}  // namespace patronus
