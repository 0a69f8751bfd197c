#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace patronus {

/// The folder of one run, `runs/<name>/`: config.yaml, environment.json, status.json, log.txt, metrics.jsonl,
/// TensorBoard event files, checkpoints/, samples/ and one folder per analysis. All files are written
/// atomically.
class RunDirectory {
 public:
  explicit RunDirectory(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path file(const std::string& name) const { return path_ / name; }
  /// A sub-folder, made when it is not there.
  std::filesystem::path folder(const std::string& name) const;

  std::filesystem::path checkpoint(int64_t step) const;
  /// `checkpoints/last`, a link to the newest checkpoint.
  std::filesystem::path last_checkpoint() const { return path_ / "checkpoints" / "last"; }
  /// Makes `step`'s checkpoint the last one and removes all but the `keep` newest.
  void checkpoint_written(int64_t step, int64_t keep) const;

  /// state: "running", "done", "interrupted" or "failed".
  void write_status(const std::string& state, int64_t step, const std::string& message = {}) const;
  /// Version and git revision, LibTorch, device, precision, threads, seed and command line.
  void write_environment(const std::vector<std::pair<std::string, std::string>>& entries) const;
  /// Drops the lines of metrics.jsonl whose "step" lies behind `step`.
  void cut_metrics(int64_t step) const;
  /// Removes metrics.jsonl and TensorBoard's event files.
  void forget_metrics() const;

 private:
  std::filesystem::path path_;
};

/// The folder of the run that a checkpoint belongs to: `<run>` for `<run>/checkpoints/last`, else the folder
/// that the file lies in. As absolute or relative as `checkpoint`.
std::filesystem::path run_of_checkpoint(const std::filesystem::path& checkpoint);

}  // namespace patronus
