#include "patronus/training/training_run.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <sys/resource.h>

#include <chrono>
#include <cmath>
#include <csignal>
#include <fstream>
#include <numeric>

#include "patronus/core/error.h"
#include "patronus/core/interrupt.h"
#include "patronus/core/log.h"
#include "patronus/core/progress.h"
#include "patronus/core/random.h"
#include "patronus/data/loader.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/image.h"
#include "patronus/run/run_directory.h"
#include "patronus/training/loss_curve.h"
#include "patronus/training/metrics_log.h"
#include "patronus/training/preview.h"
#include "patronus/training/trainer.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using State = TrainingOutcome::State;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void refuse_other_settings(const RunConfig& before, const RunConfig& now, const fs::path& run) {
  const auto keys = keys_that_forbid_resuming(before, now);
  if (keys.empty()) return;
  throw ConfigError(run.string() + ": holds a run with another " + join(keys) +
                    "; choose a new folder, for example --run " + run.string() + "-2");
}

/// What the steps since the last log line gave, on the device: reading it waits, so it is done once a line.
class RecentSteps {
 public:
  void add(const StepResult& result) {
    const Losses& losses = result.losses;
    results_.push_back({{losses.total.detach(), losses.denoising.detach(),
                         losses.distinct.defined() ? losses.distinct.detach() : at::Tensor()},
                        result.gradient_norm});
  }

  /// DivergedError naming the first step whose loss or gradient is not finite. `last_step`: number of steps
  /// done.
  void check_finite(int64_t last_step) const {
    const auto losses = column([](const StepResult& r) { return r.losses.total; });
    const auto norms = column([](const StepResult& r) { return r.gradient_norm; });
    for (size_t i = 0; i < losses.size(); ++i) {
      if (!std::isfinite(losses[i]) || !std::isfinite(norms[i])) {
        throw diverged("the loss is not finite", last_step - static_cast<int64_t>(losses.size() - i) + 1);
      }
    }
  }

  /// Their means; forgets them.
  Metrics take_means() {
    Metrics metrics{{"loss", mean([](const StepResult& r) { return r.losses.total; })},
                    {"denoising_loss", mean([](const StepResult& r) { return r.losses.denoising; })}};
    if (results_.front().losses.distinct.defined()) {
      metrics.emplace_back("distinct_loss", mean([](const StepResult& r) { return r.losses.distinct; }));
    }
    metrics.emplace_back("gradient_norm", mean([](const StepResult& r) { return r.gradient_norm; }));
    results_.clear();
    return metrics;
  }

  bool empty() const { return results_.empty(); }
  size_t size() const { return results_.size(); }

  static DivergedError diverged(const std::string& what, int64_t step) {
    return DivergedError(
        what + " at step " + std::to_string(step) +
        "; the last good checkpoint is kept; lower training.learning_rate or set training.clip_gradient=1");
  }

 private:
  template <class Get>
  std::vector<double> column(Get get) const {
    if (results_.empty()) return {};
    std::vector<at::Tensor> values;
    for (const auto& result : results_) values.push_back(get(result));
    const auto stacked = at::stack(values).to(at::kCPU, at::kDouble).contiguous();
    return {stacked.const_data_ptr<double>(), stacked.const_data_ptr<double>() + stacked.numel()};
  }
  template <class Get>
  double mean(Get get) const {
    const auto values = column(get);
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  }

  std::vector<StepResult> results_;
};

/// One training run in its folder.
class Session {
 public:
  Session(const RunConfig& config, const fs::path& folder, at::Device device, Precision precision)
      : config_(config),
        run_(folder),
        train_(open_dataset(config.data, Split::kTrain)),
        test_(open_dataset(config.data, Split::kTest)),
        total_(total_steps(config.training, train_.size())),
        trainer_(config, total_, device, precision),
        order_(train_.size(), config.training.batch_size, static_cast<uint64_t>(config.seed)) {}

  TrainingOutcome run();
  /// Goes on from the folder's last checkpoint, if there is one.
  void resume_or_start();
  bool finished() const { return trainer_.step() >= total_; }
  int64_t step() const { return trainer_.step(); }
  const RunDirectory& directory() const { return run_; }

 private:
  void train(MetricsLog& log);
  void write_log_line(MetricsLog& log);
  void write_preview(MetricsLog& log);
  void save();
  bool due(int64_t every) const { return trainer_.step() % every == 0 || trainer_.step() == total_; }

  RunConfig config_;
  RunDirectory run_;
  Dataset train_;
  Dataset test_;
  int64_t total_;
  Trainer trainer_;
  BatchOrder order_;
  RecentSteps recent_;
  Clock::time_point last_line_ = Clock::now();
  int64_t saved_step_ = -1;
};

void Session::resume_or_start() {
  run_.folder("checkpoints");
  if (fs::exists(run_.last_checkpoint())) {
    const Checkpoint checkpoint = read_checkpoint(run_.last_checkpoint());
    refuse_other_settings(checkpoint.config, config_, run_.path());
    trainer_.restore(checkpoint);
    saved_step_ = checkpoint.step;
    return;
  }
  run_.forget_metrics();  // of a process that was killed before its first checkpoint
  constexpr int64_t kImages = 512;
  const auto generator =
      make_generator(derive_seed(static_cast<uint64_t>(config_.seed), "images for prototypes"));
  trainer_.choose_prototypes(
      train_.images(at::randperm(train_.size(), generator, at::kLong).slice(0, 0, kImages)));
}

TrainingOutcome Session::run() {
  if (trainer_.step() > 0) {
    log_info("going on from step " + std::to_string(trainer_.step()) + " of " + std::to_string(total_));
  }
  run_.folder("samples");
  write_file(run_.file("config.yaml"), to_yaml(config_));
  run_.write_status("running", trainer_.step());
  MetricsLog log(run_, trainer_.step());
  if (trainer_.step() == 0) {
    log.text("config", to_yaml(config_));
    write_preview(log);
  }
  train(log);
  const int signal = trainer_.step() < total_ ? interrupt_signal() : 0;
  run_.write_status(signal ? "interrupted" : "done", trainer_.step());
  return {signal ? State::kInterrupted : State::kDone, trainer_.step(), total_, signal};
}

void Session::train(MetricsLog& log) {
  Progress progress("training", total_, "steps", trainer_.step());
  last_line_ = Clock::now();
  while (trainer_.step() < total_ && interrupt_signal() == 0) {
    recent_.add(trainer_.train_step(train_.images(order_.batch_indices(trainer_.step()))));
    progress.advance(1);
    // A line at every checkpoint too: a resumed run then takes its means over the same steps as an unbroken
    // one.
    if (due(config_.training.log_every) || due(config_.training.checkpoint_every)) write_log_line(log);
    if (due(config_.training.sample_every)) write_preview(log);
    if (due(config_.training.checkpoint_every)) save();
  }
  progress.clear();
  if (!recent_.empty()) write_log_line(log);  // interrupted between two lines
  if (saved_step_ != trainer_.step()) save();
}

void Session::write_log_line(MetricsLog& log) {
  const double steps = static_cast<double>(recent_.size());
  recent_.check_finite(trainer_.step());
  Metrics metrics = recent_.take_means();
  metrics.emplace_back("learning_rate", trainer_.learning_rate());
  const double rate = steps * static_cast<double>(config_.training.batch_size) / seconds_since(last_line_);
  metrics.emplace_back("images_per_second", rate);
  last_line_ = Clock::now();
  log.write(trainer_.step(), metrics);
  run_.write_status("running", trainer_.step());
}

void Session::write_preview(MetricsLog& log) {
  const auto start = Clock::now();
  const Preview preview = make_preview(trainer_, test_, config_);
  log.write(trainer_.step(), preview.metrics);
  for (const auto& [name, pixels] : preview.pictures) {
    log.picture(trainer_.step(), name, pixels);
    char file[80];
    std::snprintf(file, sizeof file, "%s-%07lld.png", name.c_str(), static_cast<long long>(trainer_.step()));
    write_png(run_.folder("samples") / file, pixels);
  }
  draw_loss_curve(run_);
  last_line_ += Clock::now() - start;  // the rate counts training alone
}

void Session::save() {
  recent_.check_finite(trainer_.step());
  if (!trainer_.weights_are_finite()) throw RecentSteps::diverged("a weight is not finite", trainer_.step());
  write_checkpoint(run_.checkpoint(trainer_.step()), trainer_.checkpoint());
  run_.checkpoint_written(trainer_.step(), config_.training.keep_checkpoints);
  saved_step_ = trainer_.step();
  log_debug("saved " + run_.checkpoint(trainer_.step()).string());
}

std::string device_text(at::Device device, Precision precision) {
  return device.str() + ", " + to_string(precision) +
         (device.is_cpu() ? ", " + std::to_string(at::get_num_threads()) + " threads" : "");
}

}  // namespace

TrainingOutcome run_training(const RunConfig& config, const fs::path& folder,
                             const std::string& command_line) {
  const InterruptGuard guard;
  const at::Device device = select_device(config.runtime.device);
  const Precision precision = select_precision(config.runtime.precision, device);
  set_threads(config.runtime.threads);
  require_true_fp32();

  Session session(config, folder, device, precision);
  session.resume_or_start();
  if (session.finished()) return {State::kAlreadyDone, session.step(), session.step()};
  const RunDirectory& run = session.directory();
  add_log_file(run.file("log.txt"));
  run.write_environment({{"device", device.str()},
                         {"precision", to_string(precision)},
                         {"threads", std::to_string(at::get_num_threads())},
                         {"seed", std::to_string(config.seed)},
                         {"command", command_line}});
  log_info("training in " + folder.string() + " on " + device_text(device, precision) +
           (config.runtime.precision == "auto" ? " (the faster precision here)" : ""));
  try {
    return session.run();
  } catch (const std::exception& e) {
    // The disk may be full: the first error is the one to tell.
    try {
      run.write_status("failed", session.step(), e.what());
    } catch (const std::exception&) {
    }
    throw;
  }
}

TrainingEstimate estimate_training(const RunConfig& config) {
  const at::Device device = select_device(config.runtime.device);
  set_threads(config.runtime.threads);
  require_true_fp32();
  const int64_t images = open_dataset(config.data, Split::kTrain).size();
  const int64_t total = total_steps(config.training, images);
  Trainer trainer(config, total, device, select_precision(config.runtime.precision, device));
  TrainingEstimate estimate{};
  const ParameterCounts parameters = count_parameters(trainer.model());
  estimate.encoder_parameters = parameters.encoder;
  estimate.unet_parameters = parameters.unet;
  const auto batch =
      at::rand({config.training.batch_size, config.data.channels, config.data.size, config.data.size}) * 2 -
      1;
  constexpr int kSteps = 3;
  trainer.train_step(batch).losses.total.item<float>();  // warm-up
  const auto start = Clock::now();
  for (int i = 0; i < kSteps; ++i) trainer.train_step(batch).losses.total.item<float>();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  estimate.total_steps = total;
  estimate.images_per_second =
      kSteps * static_cast<double>(config.training.batch_size) / seconds_since(start);
  estimate.hours =
      static_cast<double>(total * config.training.batch_size) / estimate.images_per_second / 3600;
  estimate.state_mib =
      5.0 * 4 * static_cast<double>(estimate.encoder_parameters + estimate.unet_parameters) / (1 << 20);
  estimate.peak_process_mib = static_cast<double>(usage.ru_maxrss) / 1024;
  return estimate;
}

}  // namespace patronus
