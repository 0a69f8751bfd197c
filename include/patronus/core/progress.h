#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace patronus {

/// Shows the progress of a long task: on a terminal a bar with rate and remaining time, else a log line every
/// `kPlainInterval`. A message removes the bar until the next `advance`. Silent below log level info
/// (`--quiet`) and inside another Progress.
class Progress {
 public:
  /// `label` names the task, `unit` the counted things ("images", "steps"); `done` of `total` are finished.
  Progress(std::string label, int64_t total, std::string unit, int64_t done = 0);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Counts `n` more as done.
  void advance(int64_t n = 1);

 private:
  using Clock = std::chrono::steady_clock;
  std::string line() const;

  std::string label_;
  std::string unit_;
  int64_t total_;
  int64_t done_;
  int64_t done_at_start_;
  bool terminal_;
  bool inner_;
  Clock::time_point start_;
  Clock::time_point last_shown_;
};

}  // namespace patronus
