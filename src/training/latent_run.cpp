#include "patronus/training/latent_run.h"

#include <ATen/Functions.h>

#include <algorithm>

#include "patronus/core/device.h"
#include "patronus/core/error.h"
#include "patronus/core/finite.h"
#include "patronus/core/interrupt.h"
#include "patronus/core/random.h"
#include "patronus/data/loader.h"
#include "patronus/run/run_data.h"
#include "patronus/run/run_lock.h"
#include "patronus/training/latent_trainer.h"
#include "patronus/training/loss_curve.h"
#include "patronus/training/trainer.h"

namespace patronus {
namespace {

/// Training of a run's latent model, in its own folder.
class LatentSession : public TrainingTask {
 public:
  LatentSession(const TrainedModel& trained, const LatentData& data, const RunDirectory& run)
      : run_(run),
        data_(data),
        source_(latent_source(trained)),
        formats_(trained.config.runtime.figures),
        total_steps_(patronus::total_steps(trained.config.latent, data.train.size(0))),
        trainer_(trained.config, fit_standardizer(data.train), total_steps_, trained.device),
        order_(data.train.size(0), trained.config.latent.batch_size, trained.config.seed) {
    data_.train = data_.train.to(trained.device);
    constexpr int64_t kTested = 1024;
    const auto tested = draw_indices(data_.test.size(0), kTested, trained.config.seed_for("latent test"));
    data_.test = data_.test.index_select(0, tested);
  }

  /// Resumes from the folder's last checkpoint, if there is one.
  void resume_or_start(const TrainedModel& trained);
  int64_t total_steps() const { return total_steps_; }
  /// With the settings of the checkpoint; 0 if the training is new.
  int64_t total_steps_before() const { return total_steps_before_; }

  const Optimization& optimization() const override { return trainer_.optimization(); }
  StepResult train_step() override {
    const auto rows = to_device(order_.batch_indices(optimization().steps()), data_.train.device());
    return trainer_.train_step(data_.train.index_select(0, rows));
  }
  void preview(MetricsLog& log) override;
  void draw_losses() const override;
  CheckpointWriter snapshot() const override { return patronus::snapshot(trainer_.checkpoint(source_)); }

 private:
  RunDirectory run_;
  LatentData data_;
  LatentSource source_;
  std::vector<FigureFormat> formats_;
  int64_t total_steps_;
  int64_t total_steps_before_ = 0;
  LatentTrainer trainer_;
  BatchOrder order_;
};

void LatentSession::resume_or_start(const TrainedModel& trained) {
  const auto last = run_.last_checkpoint();
  if (!last) return run_.mark_as_run();
  const LatentCheckpoint checkpoint = read_latent_checkpoint(*last);
  require_latent_source(checkpoint.source, trained, run_.path());
  require_same_data(run_, data_.report);
  const auto keys = keys_that_forbid_resuming_latent(checkpoint.config, trained.config);
  if (!keys.empty()) {
    throw ConfigError(run_.path().string() + ": holds a latent model with another " +
                      differences_text(keys, checkpoint.config, trained.config) +
                      "; remove that folder to train anew");
  }
  total_steps_before_ = patronus::total_steps(checkpoint.config.latent, data_.train.size(0));
  with_context(last->string(), [&] { trainer_.restore(checkpoint); });
}

void LatentSession::preview(MetricsLog& log) {
  log.write(optimization().steps(), {{"test_loss", trainer_.evaluate_loss(data_.test)}});
}

void LatentSession::draw_losses() const {
  draw_loss_curve(run_, {{"denoising_loss", "training vectors"}, {"test_loss", "test vectors"}}, formats_);
}

void require_usable(const at::Tensor& activations, const TrainedModel& trained) {
  if (activations.size(0) < 2) {
    throw DataError("a latent model needs at least 2 training images, got " +
                    std::to_string(activations.size(0)));
  }
  require_finite_rows(activations, trained.checkpoint.string(), "training images' activations");
}

}  // namespace

TrainingOutcome run_latent_training(const TrainedModel& trained, const LatentData& data,
                                    const std::string& command_line) {
  const InterruptGuard guard;
  require_usable(data.train, trained);
  const RunDirectory run(latent_folder(trained));
  const RunLock lock(run);
  LatentSession session(trained, data, run);
  session.resume_or_start(trained);
  if (const int64_t step = session.optimization().steps(); step >= session.total_steps()) {
    return finish_completed_training(run, step, trained.config.latent.keep_checkpoints);
  }
  RunConfig config = trained.config;
  config.runtime.precision = PrecisionChoice::kFloat32;
  begin_log(run, config, trained.device, Precision::kFloat32, command_line);
  write_run_data(run, data.report);
  constexpr int64_t kPreviews = 20;
  return run_training_loop(session, run, config.latent,
                           {.section = "latent",
                            .config = to_yaml(config),
                            .total_steps = session.total_steps(),
                            .preview_every = std::max<int64_t>(1, session.total_steps() / kPreviews),
                            .total_steps_before = session.total_steps_before()});
}

}  // namespace patronus
