#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace patronus {

/// The folder of one run, `runs/<name>/`: config.yaml, environment.json, status.json, log.txt, metrics.jsonl,
/// TensorBoard event files, checkpoints/, samples/ and one folder per analysis. All files are written
/// atomically, but for log, metrics and events, which grow.
class RunDirectory {
 public:
  explicit RunDirectory(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path file(const std::string& name) const { return path_ / name; }
  /// A sub-folder, made when it is not there.
  std::filesystem::path folder(const std::string& name) const;

  std::filesystem::path checkpoint(int64_t step) const;
  /// All checkpoints, by step.
  std::vector<std::filesystem::path> checkpoints() const;
  /// The checkpoint that the file `checkpoints/last` names. Where that file or what it names is missing, the
  /// one of the highest step, with a warning; nothing where there is none.
  std::optional<std::filesystem::path> last_checkpoint() const;
  /// Names `step`'s checkpoint in `checkpoints/last`, durably, and then removes all but the `keep` newest of
  /// those up to it.
  void checkpoint_written(int64_t step, int64_t keep) const;

  /// Whether the folder is marked as a run of this program, by its status.json.
  bool is_run() const;
  /// ConfigError when the folder holds something and is not a run.
  void require_run_or_empty() const;
  /// Marks the folder as a run, before its first step. What a process that was killed before its first
  /// checkpoint wrote is removed; DataError when the run did have checkpoints, which are lost.
  void begin() const;

  /// state: "running", "done", "interrupted" or "failed".
  void write_status(const std::string& state, int64_t step, const std::string& message = {}) const;
  /// Version and git revision, LibTorch, device, precision, threads, seed and command line.
  void write_environment(const std::vector<std::pair<std::string, std::string>>& entries) const;
  /// Drops the lines of metrics.jsonl whose "step" lies behind `step`.
  void cut_metrics(int64_t step) const;

 private:
  std::filesystem::path path_;
};

/// The checkpoint that `path` stands for: the one that it names when it is a run's file `checkpoints/last` (a
/// text, or a link as in earlier runs), else itself.
std::filesystem::path named_checkpoint(const std::filesystem::path& path);

/// The folder of the run that a checkpoint belongs to: `<run>` for `<run>/checkpoints/last`, else the folder
/// that the file lies in. As absolute or relative as `checkpoint`.
std::filesystem::path run_of_checkpoint(const std::filesystem::path& checkpoint);

/// Version, revision and LibTorch of this program: "0.1.0 1a2b3c4, LibTorch 2.11.0".
std::string program_version();

}  // namespace patronus
