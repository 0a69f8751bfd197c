#include "patronus/sweep/run_sweep.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <map>
#include <mutex>
#include <span>
#include <sstream>
#include <thread>

#include "patronus/core/child_process.h"
#include "patronus/core/contains.h"
#include "patronus/core/device.h"
#include "patronus/core/interrupt.h"
#include "patronus/core/log.h"
#include "patronus/core/text.h"
#include "patronus/io/make_folder.h"
#include "patronus/run/configs_for_data.h"
#include "patronus/run/run_data.h"
#include "patronus/run/source_weights.h"
#include "patronus/sweep/sweep_results.h"
#include "sweep/point_log.h"
#include "sweep/point_record.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;
using Clock = std::chrono::steady_clock;

Words training_words(const SweepPlan& sweep, const SweepPoint& point, const fs::path& run) {
  Words words{"train", "--run", run.string()};
  for (const auto& config : configs_for_data(sweep.configs, point.settings))
    words.insert(words.end(), {"--config", config});
  words.insert(words.end(), point.settings.begin(), point.settings.end());
  return words;
}

/// Whether `name` or `name`=value is among the words.
bool holds(const Words& words, const std::string& name) {
  return std::any_of(words.begin(), words.end(),
                     [&](const auto& word) { return word == name || word.starts_with(name + "="); });
}

/// Commands that take no key=value words.
const Words kWithoutSettings{"report", "export"};

std::string seconds_text(Clock::duration time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

/// GPUs listed in CUDA_VISIBLE_DEVICES, or all if it is not set.
Words visible_gpus() {
  Words gpus;
  if (const char* visible = std::getenv("CUDA_VISIBLE_DEVICES")) {
    std::istringstream names(visible);
    for (std::string name; std::getline(names, name, ',');) gpus.push_back(name);
  } else {
    for (int64_t i = 0; i < gpu_count(); ++i) gpus.push_back(std::to_string(i));
  }
  return gpus;
}

/// Environment for the children of job `job` of `jobs`: its share of threads, and a GPU if there are several.
Words environment_of_job(int64_t job, int64_t jobs) {
  if (jobs == 1) return {};
  const int64_t threads = std::max<int64_t>(1, at::get_num_threads() / jobs);
  Words environment{"OMP_NUM_THREADS=" + std::to_string(threads)};
  const Words gpus = visible_gpus();
  if (gpus.size() > 1)
    environment.push_back("CUDA_VISIBLE_DEVICES=" + gpus[static_cast<size_t>(job) % gpus.size()]);
  return environment;
}

/// Lists the data sets of points still to be trained, so that mistakes show before the first training.
void look_at_data(const SweepPlan& sweep, const std::vector<int64_t>& points, const fs::path& folder) {
  for (const int64_t index : points) {
    const SweepPoint& point = sweep.points[index];
    if (!PointRecord(point, folder / point.name).is_trained()) cached_data_report(point.config.data);
  }
}

/// Warns of trained points that began with other weights than the run to begin with has now.
void warn_of_other_sources(const SweepPlan& sweep, const std::vector<int64_t>& points,
                           const fs::path& folder) {
  std::map<std::string, std::string> hashes;
  Words others;
  for (const int64_t index : points) {
    const SweepPoint& point = sweep.points[index];
    const std::string& from = point.config.training.from;
    const std::string begun = source_hash(RunDirectory(folder / point.name));
    if (begun.empty() || from.empty()) continue;
    if (!hashes.contains(from)) hashes[from] = weights_hash(source_weights(from).tensors);
    if (begun != hashes[from]) others.push_back(point.name);
  }
  if (others.empty()) return;
  log_warning("began with other weights than the run to begin with has now: " + join(others) +
              "; remove their folders in " + folder.string() + " to train them again");
}

/// The work on one point.
class PointWork {
 public:
  PointWork(const SweepPlan& sweep, const SweepPoint& point, const fs::path& folder, Words environment)
      : sweep_(sweep),
        point_(point),
        run_(folder / point.name),
        environment_(std::move(environment)),
        log_(folder / "logs" / (point.name + ".log")) {}

  /// Does the remaining work. Returns the failure, or an empty string.
  std::string finish() {
    PointRecord record(point_, run_);
    if (record.is_done(sweep_.commands) || interrupt_signal() != 0) return "";
    const auto start = Clock::now();
    if (point_.is_start) make_folder(run_);  // otherwise made by training
    if (!record.is_trained()) {
      if (const auto other = other_training(point_, run_); !other.empty()) {
        return point_.name + ": was trained with another " + other + "; remove " + run_.string() +
               " to train it again";
      }
      if (const auto failure = run(training_words(sweep_, point_, run_)); !failure.empty()) return failure;
      if (interrupt_signal() != 0) return "";
      record.add_training();
    }
    for (size_t i = record.commands_done(sweep_.commands); i < sweep_.commands.size(); ++i) {
      const Words& command = sweep_.commands[i];
      if (const auto failure = run(command_arguments(command, point_, run_.parent_path())); !failure.empty())
        return failure;
      if (interrupt_signal() != 0) return "";
      record.add_command(command, i);
    }
    log_info(point_.name + ": done in " + seconds_text(Clock::now() - start));
    if (!point_.is_start)
      warn_of_missing_numbers(sweep_, point_, run_.parent_path());  // before the next point starts
    return "";
  }

 private:
  /// Returns how the command failed; empty on success and after a signal.
  std::string run(Words words) {
    log_info(point_.name + ": " + words.front());
    const std::string command = words.front();
    words.insert(words.begin(), this_program());
    log_.write("patronus " + shell_line(std::span(words).subspan(1)));
    const int status = run_child({.argv = words, .output = log_.descriptor(), .environment = environment_});
    if (status == 0 || interrupt_signal() != 0) return "";
    const std::string error = log_.last_error();
    return point_.name + ": " + command + " failed with exit status " + std::to_string(status) +
           (error.empty() ? "" : ": " + error) + " (" + log_.path().string() + ")";
  }

  const SweepPlan& sweep_;
  const SweepPoint& point_;
  fs::path run_;
  Words environment_;
  PointLog log_;
};

}  // namespace

Words command_arguments(const Words& command, const SweepPoint& point, const fs::path& folder) {
  const std::string run = (folder / point.name).string(), place = "{run}";
  Words words = command;
  for (auto& word : words) {
    for (size_t at = word.find(place); at != std::string::npos; at = word.find(place, at + run.size()))
      word.replace(at, place.size(), run);
  }
  if (!contains(kWithoutSettings, words.front())) {
    for (const auto& setting : point.command_settings) {
      if (!holds(words, key_of_setting(setting))) words.insert(words.begin() + 1, setting);
    }
  }
  if (!point.is_start) {
    words.insert(words.end(), {"--run", run});
    return words;
  }
  words.insert(words.end(), {"--checkpoint", source_checkpoint(point.config.training.from).string()});
  if (!holds(words, "--out")) words.insert(words.end(), {"--out", run + "/" + words.front()});
  return words;
}

bool is_done(const SweepPlan& sweep, const SweepPoint& point, const fs::path& folder) {
  return PointRecord(point, folder / point.name).is_done(sweep.commands);
}

SweepOutcome run_sweep(const SweepPlan& sweep, const std::vector<int64_t>& points, const fs::path& folder,
                       int64_t jobs) {
  const InterruptGuard guard;
  look_at_data(sweep, points, folder);
  warn_of_other_sources(sweep, points, folder);
  make_folder(folder / "logs");
  const auto left =
      std::ranges::count_if(points, [&](int64_t i) { return !is_done(sweep, sweep.points[i], folder); });
  jobs = std::clamp<int64_t>(left, 1, jobs);
  SweepOutcome outcome;
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  const auto work = [&](int64_t job) {
    for (size_t i = next++; i < points.size() && interrupt_signal() == 0; i = next++) {
      const SweepPoint& point = sweep.points[points[i]];
      std::string failure;
      try {
        failure = PointWork(sweep, point, folder, environment_of_job(job, jobs)).finish();
      } catch (const std::exception& e) {
        failure = point.name + ": " + e.what();
      }
      if (failure.empty()) continue;
      log_warning(failure);
      const std::lock_guard lock(mutex);
      outcome.failed.push_back(point.name);
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int64_t job = 0; job < jobs; ++job) threads.emplace_back(work, job);
  }
  outcome.signal = interrupt_signal();
  return outcome;
}

}  // namespace patronus
