#include "patronus/training/training_run.h"

#include <optional>

#include "patronus/core/error.h"
#include "patronus/core/gpu.h"
#include "patronus/core/interrupt.h"
#include "patronus/core/log.h"
#include "patronus/core/random.h"
#include "patronus/core/text.h"
#include "patronus/core/version.h"
#include "patronus/data/cache_folder.h"
#include "patronus/data/loader.h"
#include "patronus/distributed/difference_between_ranks.h"
#include "patronus/figures/figure.h"
#include "patronus/run/run_data.h"
#include "patronus/run/run_directory.h"
#include "patronus/run/run_lock.h"
#include "patronus/run/source_weights.h"
#include "patronus/training/loss_curve.h"
#include "patronus/training/metrics_log.h"
#include "patronus/training/preview.h"
#include "patronus/training/trainer.h"
#include "training/balance.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMinPreviewed = 2;  // a single image does not show how activations vary

/// "choose a new folder, for example --run runs/a-2", with the first free number.
std::string choose_new_folder(const fs::path& run) {
  const auto numbered = [&](int64_t number) { return run.string() + "-" + std::to_string(number); };
  int64_t number = 2;
  while (fs::exists(numbered(number))) ++number;
  return "choose a new folder, for example --run " + numbered(number);
}

void refuse_other_settings(const RunConfig& before, const RunConfig& now, const fs::path& run) {
  const auto keys = keys_that_forbid_resuming(before, now);
  if (keys.empty()) return;
  throw ConfigError(run.string() + ": holds a run with another " + differences_text(keys, before, now) +
                    "; " + choose_new_folder(run));
}

/// Number of images and hash of their names, as "48000 images, names 5f3a...".
std::string names_of(const Dataset& images) {
  uint64_t hash = 0;
  for (int64_t i = 0; i < images.size(); ++i) hash = derive_seed(hash, images.file(i));
  return std::to_string(images.size()) + " images, names " + hexadecimal(hash);
}

void require_shared_settings(const RunConfig& config, Precision precision, const ProcessGroup& group) {
  if (config.training.batch_size % group.size() != 0) {
    throw ConfigError("training.batch_size is " + std::to_string(config.training.batch_size) + ", which " +
                      std::to_string(group.size()) + " ranks cannot share evenly; expected a multiple of " +
                      std::to_string(group.size()));
  }
  auto properties = settings_of_all_ranks(config);
  properties.emplace_back("version", program_version());
  properties.emplace_back("precision", to_string(precision));
  if (const auto difference = difference_between_ranks(group, "settings", properties)) {
    throw ConfigError(*difference + "; start every rank with the same program and configuration");
  }
}

/// Logs and records what begins; called on the first rank.
void begin_records(const RunConfig& config, const RunDirectory& run, at::Device device,
                   const DataReport& report, const std::string& command_line) {
  begin_log(run, config, device, select_precision(config.runtime.precision, device), command_line);
  write_run_data(run, report);
  if (config.model.unet.condition == ConditionKind::kOff) {
    log_info("no condition: encoder and prototypes are not trained");
  }
}

/// Images for previews and reports.
struct Previewed {
  Dataset images;
  bool are_held_out;
};

/// The test images, or the training images if fewer than two are held out or decodable.
Previewed previewed_images(DataListing& data, const Dataset& train) {
  if (data.size(Split::kTest) >= kMinPreviewed) {
    const Dataset test = data.open(Split::kTest);
    if (test.size() >= kMinPreviewed) return {test, true};
  }
  return {train, false};
}

std::vector<at::Tensor> rows_of(const std::vector<ValueCombination>& combinations) {
  std::vector<at::Tensor> rows;
  for (const auto& combination : combinations) rows.push_back(combination.rows);
  return rows;
}

/// Training of a run's model in its folder.
class Session : public TrainingTask {
 public:
  Session(const RunConfig& config, const RunDirectory& run, at::Device device, const ProcessGroup& group)
      : config_(config),
        run_(run),
        group_(group),
        data_(config.data),
        train_(data_.open(Split::kTrain)),
        previewed_(previewed_images(data_, train_)),
        total_steps_(patronus::total_steps(config.training, train_.size())),
        trainer_(config, total_steps_, device, select_precision(config.runtime.precision, device), group),
        balanced_(balanced_combinations(config.training.balance, train_.attributes())),
        order_(train_.size(), config.training.batch_size, config.seed, rows_of(balanced_)) {}

  /// Resumes from the folder's last checkpoint, or starts; on all ranks.
  void resume_or_start();
  int64_t total_steps() const { return total_steps_; }
  /// With the settings of the checkpoint; on the first rank only. 0 if the training is new.
  int64_t total_steps_before() const {
    return resumed_ ? patronus::total_steps(resumed_->training, train_.size()) : 0;
  }
  /// Settings of the checkpoint that it resumed from; on the first rank only.
  const std::optional<RunConfig>& resumed_settings() const { return resumed_; }
  /// What was found, and what of it decides which images are drawn.
  DataReport data_report() const;
  bool previews_held_out() const { return previewed_.are_held_out; }
  /// Throws DataError if another rank has other images, as listed or as decoded (some may be unreadable).
  void require_shared_data() const;

  const Optimization& optimization() const override { return trainer_.optimization(); }
  StepResult train_step() override {
    if (own_steps_++ == kStepsBefore) bring_images_near();
    const auto batch = order_.batch_indices(optimization().steps());
    return trainer_.train_step(train_.images(group_.local_rows(batch)));
  }
  void preview(MetricsLog& log) override;
  void draw_losses() const override;
  CheckpointWriter snapshot() const override { return patronus::snapshot(trainer_.checkpoint()); }

 private:
  static constexpr int64_t kStepsBefore = 8;  // by then training has allocated its memory

  void resume_or_start_first_rank();
  void start_from_source();
  void bring_images_near();

  RunConfig config_;
  RunDirectory run_;
  ProcessGroup group_;
  DataListing data_;
  Dataset train_;  // on the GPU if bring_images_near finds room
  Previewed previewed_;
  int64_t total_steps_;
  std::optional<RunConfig> resumed_;
  int64_t own_steps_ = 0;  // steps of this process
  Trainer trainer_;
  std::vector<ValueCombination> balanced_;  // drawn equally often; empty: all images alike
  BatchOrder order_;
};

DataReport Session::data_report() const {
  DataReport report = data_.report();
  if (!balanced_.empty()) {
    report.identity.emplace_back("values of " + join(config_.training.balance), combinations_hash(balanced_));
  }
  return report;
}

void Session::require_shared_data() const {
  auto properties = data_report().identity;
  properties.emplace_back("training images as decoded", names_of(train_));
  properties.emplace_back("test images as decoded", names_of(previewed_.images));
  if (const auto difference = difference_between_ranks(group_, "data", properties)) {
    throw DataError(*difference + "; give every machine the same data set");
  }
}

void Session::resume_or_start() {
  if (group_.is_first()) resume_or_start_first_rank();
  trainer_.broadcast_from_first_rank();
}

void Session::resume_or_start_first_rank() {
  if (const auto last = run_.last_checkpoint()) {
    const Checkpoint checkpoint = read_checkpoint(*last);
    refuse_other_settings(checkpoint.config, config_, run_.path());
    require_same_data(run_, data_report(), [&] { return choose_new_folder(run_.path()) + ", or "; });
    resumed_ = checkpoint.config;
    return with_context(last->string(), [&] { trainer_.restore(checkpoint); });
  }
  if (!config_.training.from.empty()) return start_from_source();
  run_.mark_as_run();
  trainer_.initialize_prototypes(train_);
}

/// Moves the images to the GPU, which then assembles and unpacks batches itself, if they take at most a
/// quarter of the memory that training leaves free.
void Session::bring_images_near() {
  const at::Device device = trainer_.device();
  if (train_.bytes() > free_gpu_bytes(device) / 4) return;
  train_ = train_.on(device);
  log_info("the training images lie on " + device.str() + " (" + bytes_text(train_.bytes()) + ")");
}

void Session::start_from_source() {
  const SourceWeights source = source_weights(config_.training.from);
  with_context(source.checkpoint.string(), [&] { trainer_.start_from(source.tensors); });
  run_.mark_as_run();
  write_source(run_, source);
  log_info("beginning with " + source_text(source));
  if (const auto keys = differing_model_settings(source, config_); !keys.empty())
    log_warning("these weights were trained with another " + differences_text(keys, source.config, config_));
}

void Session::preview(MetricsLog& log) {
  const Preview preview = make_preview(trainer_, previewed_.images, train_, config_);
  const int64_t step = optimization().steps();
  log.write(step, preview.metrics);
  const auto& formats = config_.runtime.figures;
  for (const auto& [name, figure] : preview.figures) {
    log.picture(step, name, figure.pixels());
    write_figure(run_.folder("samples") / (name + "-" + zero_padded(step, 7)), figure, formats);
  }
}

void Session::draw_losses() const {
  const std::string images = previewed_.are_held_out ? "test images" : "training images in reports";
  std::vector<LossCurve> curves{{"denoising_loss", "training images"}};
  if (config_.model.unet.condition == ConditionKind::kOff) {
    curves.push_back({"test_loss", images});
  } else {
    curves.insert(curves.end(), {{"condition/loss_own", images + ", own activations"},
                                 {"condition/loss_shuffled", "another image's activations"},
                                 {"condition/loss_mean", "mean activations"}});
  }
  draw_loss_curve(run_, curves, config_.runtime.figures);
}

/// Warns of settings for later commands that a finished run, which is not written again, keeps as they were.
void warn_of_settings_without_effect(const RunConfig& kept, const RunConfig& config) {
  auto keys = differing_keys(kept, config);
  std::erase_if(keys, [](const std::string& key) {
    return !is_free_of_training(key) || key.starts_with("runtime.") || key == "data.typed_path";
  });
  if (keys.empty()) return;
  log_warning("training is done, and the run keeps what it has of " + differences_text(keys, kept, config) +
              "; give these to the commands that use them");
}

}  // namespace

TrainingOutcome run_training(const RunConfig& config, const fs::path& folder, const std::string& command_line,
                             const ProcessGroup& group) {
  const InterruptGuard guard;
  const at::Device device = group.local_device(config.runtime.apply());
  require_shared_settings(config, select_precision(config.runtime.precision, device), group);

  const RunDirectory run(folder);
  std::optional<RunLock> lock;
  if (group.is_first()) lock.emplace(run);
  std::optional<Session> session;
  first_on_each_machine(group, [&] { session.emplace(config, run, device, group); });
  session->require_shared_data();
  session->resume_or_start();
  if (const int64_t step = session->optimization().steps(); step >= session->total_steps()) {
    if (group.is_first()) {
      finish_completed_training(run, step, config.training.keep_checkpoints);
      if (config.training.sample_every == 0) session->draw_losses();  // a kill may have come before
      if (const auto& kept = session->resumed_settings()) warn_of_settings_without_effect(*kept, config);
    }
    return {TrainingOutcome::State::kAlreadyDone, step};
  }
  if (group.is_first()) begin_records(config, run, device, session->data_report(), command_line);
  if (config.training.sample_every > 0 && !session->previews_held_out()) {
    log_warning("fewer than two images are held out: pictures and reports are of training images");
  }
  return run_training_loop(*session, run, config.training,
                           {.section = "training",
                            .config = to_yaml(config),
                            .total_steps = session->total_steps(),
                            .preview_every = config.training.sample_every,
                            .total_steps_before = session->total_steps_before(),
                            .group = group});
}

}  // namespace patronus
