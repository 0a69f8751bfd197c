#include "patronus/training/training_loop.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>

#include <chrono>
#include <cmath>
#include <future>
#include <numeric>
#include <optional>

#include "patronus/core/device.h"
#include "patronus/core/error.h"
#include "patronus/core/gpu.h"
#include "patronus/core/interrupt.h"
#include "patronus/core/log.h"
#include "patronus/core/progress.h"
#include "patronus/core/text.h"
#include "patronus/core/to_vector.h"
#include "patronus/io/atomic_file.h"

namespace patronus {
namespace {

using State = TrainingOutcome::State;
using LoopClock = std::chrono::steady_clock;

struct NotFinite {
  const char* what;
  int64_t step;
};

/// Results since the last log line, kept on the device: reading waits for it, so it happens once per line.
class RecentSteps {
 public:
  void add(const StepResult& result) { results_.push_back(result); }

  /// The first non-finite value and its step, if there is one. `last_step`: number of steps done.
  std::optional<NotFinite> first_not_finite(int64_t last_step) const {
    const auto losses = column([](const StepResult& r) { return r.losses.total; });
    const auto norms = column([](const StepResult& r) { return r.gradient_norm; });
    for (size_t i = 0; i < losses.size(); ++i) {
      const int64_t step = last_step - static_cast<int64_t>(losses.size() - i) + 1;
      if (!std::isfinite(losses[i])) return NotFinite{"the loss", step};
      if (!std::isfinite(norms[i])) return NotFinite{"the norm of the gradient", step};
    }
    return std::nullopt;
  }

  /// Returns the means and clears the results.
  Metrics take_means() {
    Metrics metrics;
    for (const auto& metric : kLosses) {
      const auto of = [&](const StepResult& r) { return r.losses.*metric.loss; };
      if (of(results_.front()).defined()) metrics.emplace_back(metric.name, mean(of));
    }
    metrics.emplace_back("gradient_norm", mean([](const StepResult& r) { return r.gradient_norm; }));
    results_.clear();
    return metrics;
  }

  bool empty() const { return results_.empty(); }
  size_t size() const { return results_.size(); }

 private:
  template <class Get>
  std::vector<double> column(Get get) const {
    if (results_.empty()) return {};
    std::vector<at::Tensor> values;
    for (const auto& result : results_) values.push_back(get(result));
    return to_vector(at::stack(values));
  }
  template <class Get>
  double mean(Get get) const {
    const auto values = column(get);
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  }

  std::vector<StepResult> results_;
};

class TrainingLoop {
 public:
  TrainingLoop(TrainingTask& task, const RunDirectory& run, const OptimizationConfig& config,
               const TrainingLoopOptions& options)
      : task_(task), run_(run), config_(config), options_(options) {
    if (options.group.is_first()) log_.emplace(run, step());
    saved_step_ = step() > 0 ? step() : -1;
  }

  TrainingOutcome run();

 private:
  void begin();
  void say_where_it_goes_on() const;
  void train();
  void write_status(const std::string& state) const;
  void draw_last_losses() const;
  void write_log_line();
  void preview();
  void save();
  void finish_saving();
  void check_losses() const;
  void require_finite_state() const;
  DivergedError diverged(const std::string& what, int64_t step) const;
  int64_t step() const { return task_.optimization().steps(); }
  bool due(int64_t every) const { return step() % every == 0 || step() == options_.total_steps; }
  bool has_previews() const { return options_.preview_every > 0; }

  TrainingTask& task_;
  const RunDirectory& run_;
  const OptimizationConfig& config_;
  const TrainingLoopOptions& options_;
  std::optional<MetricsLog> log_;  // only on ranks that write
  RecentSteps recent_;
  LoopClock::time_point last_line_ = LoopClock::now();
  int64_t saved_step_;        // -1 before the first checkpoint
  std::future<void> saving_;  // writes the checkpoint of `saved_step_` in the background
  double learning_rate_ = 0;  // of the last step
  int signal_ = 0;            // received by any rank
};

TrainingOutcome TrainingLoop::run() {
  if (step() > 0) say_where_it_goes_on();
  if (log_) begin();
  train();
  write_status(signal_ ? "interrupted" : "done");
  if (log_ && (signal_ || !has_previews())) draw_last_losses();
  return {signal_ ? State::kInterrupted : State::kDone, step(), signal_};
}

void TrainingLoop::say_where_it_goes_on() const {
  log_info("going on from step " + std::to_string(step()) + " of " + std::to_string(options_.total_steps));
  const int64_t total_before = options_.total_steps_before;
  if (total_before == 0) return;
  const double before = learning_rate_at(config_, step(), total_before);
  const double now = task_.optimization().learning_rate();
  if (now == before) return;
  log_info("the learning rate is now " + format_significant(now, 3) + " instead of " +
           format_significant(before, 3) + ": its schedule ends at step " +
           std::to_string(options_.total_steps) + " instead of " + std::to_string(total_before));
}

void TrainingLoop::begin() {
  write_file(run_.file("config.yaml"), options_.config);
  write_status("running");
  if (step() > 0) return;
  log_->text("config", options_.config);
  if (has_previews()) preview();
}

void TrainingLoop::write_status(const std::string& state) const {
  if (log_) run_.write_status(state, step());
}

/// Failure is only logged: all that matters is saved by then.
void TrainingLoop::draw_last_losses() const {
  try {
    task_.draw_losses();
  } catch (const std::exception& e) {
    log_warning(std::string("the losses are not drawn: ") + e.what());
  }
}

void TrainingLoop::train() {
  Progress progress("training", options_.total_steps, "steps", step());
  last_line_ = LoopClock::now();
  while (step() < options_.total_steps &&
         (signal_ = static_cast<int>(options_.group.all_reduce_max(interrupt_signal()))) == 0) {
    learning_rate_ = task_.optimization().learning_rate();
    recent_.add(task_.train_step());
    progress.advance(1);
    // Checkpoints get a log line too, so that a resumed run averages over the same steps as an uninterrupted
    // one.
    if (due(config_.log_every) || due(config_.checkpoint_every)) write_log_line();
    if (has_previews() && due(options_.preview_every)) preview();
    if (due(config_.checkpoint_every)) save();
    if (saving_.valid() && saving_.wait_for(std::chrono::seconds(0)) == std::future_status::ready) {
      finish_saving();  // reports a full disk at once
    }
  }
  if (!recent_.empty()) write_log_line();  // interrupted between log lines
  if (saved_step_ != step()) save();
  finish_saving();
}

void TrainingLoop::write_log_line() {
  const double examples = static_cast<double>(std::ssize(recent_) * config_.batch_size);
  check_losses();
  Metrics metrics = recent_.take_means();
  if (!log_) return;
  metrics.emplace_back("learning_rate", learning_rate_);
  const std::chrono::duration<double> seconds = LoopClock::now() - last_line_;
  metrics.emplace_back("images_per_second", examples / seconds.count());
  last_line_ = LoopClock::now();
  log_->write(step(), metrics);
}

void TrainingLoop::preview() {
  const auto start = LoopClock::now();
  require_finite_state();
  if (log_) {
    task_.preview(*log_);
    task_.draw_losses();
  }
  last_line_ += LoopClock::now() - start;  // excludes the preview from the rate
}

void TrainingLoop::save() {
  require_finite_state();
  if (log_) log_->make_durable();
  finish_saving();  // of the checkpoint before
  saved_step_ = step();
  if (!log_) return;
  saving_ = std::async(std::launch::async, [this, step = saved_step_, write = task_.snapshot()] {
    write(run_.checkpoint(step));
    run_.register_checkpoint(step, config_.keep_checkpoints);
    log_debug("saved " + run_.checkpoint(step).string());
  });
}

void TrainingLoop::finish_saving() {
  if (!saving_.valid()) return;
  saving_.get();
  run_.write_status("running", saved_step_);
}

void TrainingLoop::require_finite_state() const {
  check_losses();
  if (!task_.optimization().weights_are_finite()) throw diverged("a weight is not finite", step());
}

void TrainingLoop::check_losses() const {
  if (!recent_.empty()) options_.group.wait_for_device();
  if (const auto found = recent_.first_not_finite(step())) {
    throw diverged(std::string(found->what) + " is not finite", found->step);
  }
}

DivergedError TrainingLoop::diverged(const std::string& what, int64_t step) const {
  const std::string kept = saved_step_ < 0 ? "" : "; the last good checkpoint is kept";
  return DivergedError(what + " at step " + std::to_string(step) + kept + "; lower " + options_.section +
                       ".learning_rate or set " + options_.section + ".clip_gradient=1");
}

}  // namespace

TrainingOutcome run_training_loop(TrainingTask& task, const RunDirectory& run,
                                  const OptimizationConfig& config, const TrainingLoopOptions& options) {
  try {
    return TrainingLoop(task, run, config, options).run();
  } catch (const std::exception& e) {
    // Writing may fail again, on a full disk: report the first error.
    try {
      if (options.group.is_first()) run.write_status("failed", task.optimization().steps(), e.what());
    } catch (const std::exception&) {
    }
    throw;
  }
}

TrainingOutcome finish_completed_training(const RunDirectory& run, int64_t step, int64_t keep_checkpoints) {
  run.register_checkpoint(step, keep_checkpoints);
  run.write_status("done", step);
  return {State::kAlreadyDone, step};
}

void begin_log(const RunDirectory& run, const RunConfig& config, at::Device device, Precision precision,
               const std::string& command_line) {
  const int threads = at::get_num_threads();
  add_log_file(run.file("log.txt"));
  std::vector<std::pair<std::string, std::string>> environment{{"device", device.str()},
                                                               {"precision", to_string(precision)},
                                                               {"threads", std::to_string(threads)},
                                                               {"seed", std::to_string(config.seed)},
                                                               {"command", command_line}};
  const auto gpu = describe_gpu(device);
  environment.insert(environment.end(), gpu.begin(), gpu.end());
  run.write_environment(environment);
  log_info("training in " + run.path().string() + " on " + device.str() + ", " + to_string(precision) +
           (gpu.empty() ? "" : " (" + gpu.front().second + ")") +
           (device.is_cpu() ? ", " + pluralize(threads, "thread") : "") +
           (config.runtime.precision == PrecisionChoice::kAuto ? " (the faster precision here)" : ""));
}

}  // namespace patronus
