#include "patronus/run/run_config.h"

#include "patronus/core/config.h"
#include "patronus/core/config_files.h"
#include "patronus/core/contains.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/random.h"
#include "patronus/core/recorded_work.h"
#include "patronus/core/text.h"
#include "patronus/run/run_directory.h"
#include "patronus/run/source_weights.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// Whether a key of `section` ("training.") sets the length of training, or what it writes and how often:
/// none of these changes a step.
bool is_bookkeeping(const std::string& key, const std::string& section) {
  static const std::vector<std::string> names{"epochs", "max_steps", "log_every", "checkpoint_every",
                                              "keep_checkpoints"};
  return key.starts_with(section) && contains(names, key.substr(section.size()));
}

RunConfig changed(RunConfig config, const std::vector<fs::path>& files,
                  const std::vector<std::string>& overrides) {
  const Fields fields(config);
  for (const auto& file : files) read_yaml_file(fields, file);
  apply_overrides(config, overrides);
  return config;
}

}  // namespace

bool is_free_of_training(const std::string& key) {
  static const std::vector<std::string> of_data{"data.path", "data.typed_path", "data.attributes",
                                                "data.cache", "data.cache_gb"};
  return key.starts_with("runtime.") || key.starts_with("latent.") || key.starts_with("sampling.") ||
         contains(of_data, key);
}

void apply_overrides(RunConfig& config, const std::vector<std::string>& words) {
  const std::string path = config.data.path;
  const Fields fields(config);
  for (const auto& word : words) apply_override(fields, word);
  if (config.data.path != path) config.data.typed_path.clear();
}

void OptimizationConfig::describe(Fields& field) {
  field("batch_size", batch_size, "examples per step", between(2, 65536));
  field("epochs", epochs, "passes over the training examples", between(1, 1e9));
  field("max_steps", max_steps, "number of training steps; 0: set by epochs", between(0, 1e11));
  field("optimizer", optimizer,
        "adamw (paper), or muon: Muon for the UNet's inner matrices and convolutions, AdamW for the rest; "
        "the loss falls in fewer steps");
  field("learning_rate", learning_rate, "learning rate", above(0));
  field("muon_learning_rate_factor", muon_learning_rate_factor,
        "learning rate factor for what Muon trains; at 1 its steps are about as long as AdamW's",
        between(0, 100));
  field("learning_rate_schedule", learning_rate_schedule,
        "constant, or cosine to zero at the end of training");
  field("warmup_steps", warmup_steps, "steps over which the learning rate rises linearly from zero",
        at_least(0));
  field("weight_decay", weight_decay, "decoupled weight decay; at 0 AdamW is Adam", between(0, 1));
  field("clip_gradient", clip_gradient, "largest L2 norm of the whole gradient; 0: no clipping", at_least(0));
  field("ema_decay", ema_decay, "decay of the exponential moving average of the weights; 0: off",
        between(0, 0.999999));
  field("log_every", log_every, "steps between lines of metrics.jsonl", between(1, 100000));
  field("checkpoint_every", checkpoint_every, "steps between checkpoints", at_least(1));
  field("keep_checkpoints", keep_checkpoints, "number of latest checkpoints to keep", at_least(1));
}

void TrainingConfig::describe(Fields& field) {
  OptimizationConfig::describe(field);
  field("from", from, "run or checkpoint to take initial weights from; empty: new ones");
  field("balance", balance,
        "attributes of which each combination of values is drawn equally often, whatever its share of the "
        "images");
  field("accumulate", accumulate,
        "parts in which a batch is processed, one after the other, to save memory; the step is the same",
        between(1, 4096));
  field("encoder_learning_rate_factor", encoder_learning_rate_factor,
        "learning rate factor for encoder and prototypes", between(0, 100));
  field("horizontal_flip", horizontal_flip, "mirror each training image with probability 1/2");
  field("distinct_weight", distinct_weight, "weight of the prototype distinct loss (paper, section 5)",
        at_least(0));
  field("distinct_margin", distinct_margin, "its margin on 1 - |cos|", between(0, 2));
  field(
      "decorrelation_weight", decorrelation_weight,
      "weight of the penalty on correlated activations, so that no prototype copies another; 0: off (paper)",
      at_least(0));
  field("decorrelation_memory", decorrelation_memory,
        "decay factor per step of the moving average of the correlations; 0: each batch by itself",
        between(0, 0.9999));
  field("sample_every", sample_every, "steps between pictures and prototype reports; 0: none", at_least(0));
  field("sample_images", sample_images, "images in those pictures", between(1, 64));
}

LatentConfig::LatentConfig() {
  batch_size = 64;
  epochs = 200;
  learning_rate = 1e-4;
  weight_decay = 0;
  ema_decay = 0.999;
  diffusion.timesteps = 100;
  // DDPM's vectors vary as much as the data's; DDIM's vary less at T = 100.
  sampling.sampler = Sampler::kDdpm;
}

void LatentConfig::describe(Fields& field) {
  field.section("unet", unet);
  field.section("diffusion", diffusion);
  OptimizationConfig::describe(field);
  field.section("sampling", sampling);
}

void RuntimeConfig::describe(Fields& field) {
  field("device", device, "auto, cpu, cuda or cuda:N");
  field("precision", precision,
        "UNet precision; auto: bf16 where it is fast, else fp32; tf32: on GPUs, also for round trips");
  field("threads", threads, "CPU threads; 0: LibTorch's choice", between(0, 1024));
  field("figures", figures, "figure formats");
  field("rank_timeout_s", rank_timeout_s,
        "seconds without an answer after which another rank is given up; must exceed what pictures and a "
        "checkpoint take",
        between(1, 86400));
  field("graphs", graphs, "on a GPU: launch training steps and evaluations as CUDA graphs");
  field("deterministic", deterministic,
        "on a GPU: the same bits every time instead of cuDNN's fastest algorithms");
}

at::Device RuntimeConfig::apply() const {
  const at::Device chosen = select_device(device);
  set_threads(threads);
  require_true_fp32();
  set_deterministic(deterministic, chosen);
  set_cuda_graphs(graphs);
  return chosen;
}

void RunConfig::describe(Fields& field) {
  Range known = between(1, static_cast<double>(RunConfig().version));
  known.text += " (later ones are of a later program)";
  field("version", version, "format version; 1 if missing", known);
  field("seed", seed, "random seed", between(0, 4294967295));
  field.section("data", data);
  field.section("model", model);
  field.section("diffusion", diffusion);
  field.section("training", training);
  field.section("sampling", sampling);
  field.section("latent", latent);
  field.section("runtime", runtime);
}

uint64_t RunConfig::seed_for(std::string_view purpose, uint64_t index) const {
  return derive_seed(seed, purpose, index);
}

void RunConfig::validate() const {
  validate_trained();
  data.validate();
  with_context("sampling", [&] { checked_steps(sampling, NoiseSchedule(diffusion)); });
  with_context("latent.sampling", [&] { checked_steps(latent.sampling, NoiseSchedule(latent.diffusion)); });
}

void RunConfig::validate_trained() const {
  model.encoder.validate();
  if (data.size > 0) {
    receptive_field(model.encoder.geometry(), data.size);
    model.unet.validate(data.size);
  }
  latent.unet.validate();
  if (runtime.figures.empty()) throw ConfigError("runtime.figures is empty: expected png, pdf or svg");
}

namespace {

/// Settings of `run` once it has a checkpoint, since `source` may have been trained further by then; before
/// that, those of `source`.
RunConfig source_or_own_config(const fs::path& source, const fs::path& run) {
  const bool is_going_on = !run.empty() && RunDirectory(run).last_checkpoint();
  return source_config(is_going_on ? run : source);
}

}  // namespace

RunConfig load_run_config(const std::vector<fs::path>& files, const std::vector<std::string>& overrides,
                          const fs::path& run) {
  RunConfig config = changed({}, files, overrides);
  if (!config.training.from.empty()) {
    const fs::path from = fs::absolute(expand_home(config.training.from)).lexically_normal();
    config = changed(source_or_own_config(from, run), files, overrides);
    config.training.from = (from.has_filename() ? from : from.parent_path()).string();
  }
  config.data.resolve_paths();
  config.validate();
  return config;
}

RuntimeConfig runtime_config(const std::vector<std::string>& overrides) {
  return changed({}, {}, overrides).runtime;
}

std::string to_yaml(const RunConfig& config) {
  RunConfig copy = config;
  return write_yaml(Fields(copy));
}

RunConfig run_config_from_yaml(const std::string& text, const std::string& source) {
  RunConfig config;
  read_yaml_text(Fields(config), text, source);
  config.validate_trained();
  return config;
}

PatronusModel make_model(const RunConfig& config) {
  seed_default_generators(config.seed_for("weights"));
  return PatronusModel(config.data.channels, config.data.size, config.model,
                       config.diffusion.prediction == PredictionKind::kV, config.diffusion.timesteps);
}

std::vector<std::pair<std::string, std::string>> settings_of_all_ranks(const RunConfig& config) {
  RunConfig copy = config;
  std::vector<std::pair<std::string, std::string>> settings;
  const Fields fields(copy);
  for (const auto& field : fields.list()) {
    if (!is_free_of_training(field.key)) settings.emplace_back(field.key, value_text(field));
  }
  return settings;
}

std::vector<std::string> differing_keys(const RunConfig& a, const RunConfig& b) {
  RunConfig first = a, second = b;
  return differing_keys(Fields(first), Fields(second));
}

std::vector<std::string> keys_that_forbid_resuming(const RunConfig& before, const RunConfig& now) {
  static const std::vector<std::string> pictures{"training.sample_every", "training.sample_images"};
  auto keys = differing_keys(before, now);
  std::erase_if(keys, [](const std::string& key) {
    return is_free_of_training(key) || is_bookkeeping(key, "training.") || contains(pictures, key);
  });
  // The table may move with its project; that it describes the same images is checked separately.
  if (fs::path(before.data.csv).filename() == fs::path(now.data.csv).filename()) std::erase(keys, "data.csv");
  return keys;
}

std::vector<std::string> keys_that_forbid_resuming_latent(const RunConfig& before, const RunConfig& now) {
  auto keys = differing_keys(before, now);
  std::erase_if(keys, [](const std::string& key) {
    const bool matters = key == "seed" || key.starts_with("latent.");
    return !matters || key.starts_with("latent.sampling.") || is_bookkeeping(key, "latent.");
  });
  return keys;
}

std::string differences_text(const std::vector<std::string>& keys, const RunConfig& before,
                             const RunConfig& now) {
  RunConfig first = before, second = now;
  const Fields old_fields(first), new_fields(second);
  std::vector<std::string> differences;
  for (const auto& key : keys) {
    differences.push_back(key + " (" + value_text(*old_fields.find(key)) + ", not " +
                          value_text(*new_fields.find(key)) + ")");
  }
  return join(differences);
}

}  // namespace patronus
