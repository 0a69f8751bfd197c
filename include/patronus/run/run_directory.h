#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace patronus {

/// Folder of a run, `runs/<name>/`: config.yaml, environment.json, status.json, log.txt, metrics.jsonl,
/// TensorBoard event files, checkpoints/, samples/ and one folder per analysis. All files are written
/// atomically except log, metrics and events, which grow.
class RunDirectory {
 public:
  explicit RunDirectory(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path file(const std::string& name) const { return path_ / name; }
  /// A subfolder, created if necessary.
  std::filesystem::path folder(const std::string& name) const;

  std::filesystem::path checkpoint(int64_t step) const;
  /// All checkpoints, in order of their steps.
  std::vector<std::filesystem::path> checkpoints() const;
  /// The checkpoint named in the file `checkpoints/last`. If the file or that checkpoint is missing, the one
  /// with the highest step, with a warning; nothing if there is none.
  std::optional<std::filesystem::path> last_checkpoint() const;
  /// Step of the last checkpoint; nothing if there is none.
  std::optional<int64_t> last_step() const;
  /// Records `step`'s checkpoint durably in `checkpoints/last`, then removes all but the `keep` newest of the
  /// checkpoints up to it.
  void register_checkpoint(int64_t step, int64_t keep) const;

  /// Whether the folder is marked as a run of this program by its status.json.
  bool is_run() const;
  /// Throws ConfigError if the folder is not empty and not a run.
  void require_run_or_empty() const;
  /// Marks the folder as a run before its first step and removes files of a process killed before its first
  /// checkpoint. Throws DataError if the run had checkpoints, which are lost.
  void mark_as_run() const;

  /// Writes status.json. `state`: "running", "done", "interrupted" or "failed".
  void write_status(const std::string& state, int64_t step, const std::string& message = {}) const;
  /// Writes version, git revision, LibTorch, device, precision, threads, seed and command line.
  void write_environment(const std::vector<std::pair<std::string, std::string>>& entries) const;
  /// Removes lines of metrics.jsonl with a "step" after `step`.
  void truncate_metrics(int64_t step) const;

 private:
  std::filesystem::path path_;
};

/// Resolves a path to a checkpoint: the one named in it if it is a run's file `checkpoints/last`, else
/// `path`.
std::filesystem::path resolve_checkpoint(const std::filesystem::path& path);

/// Folder of a checkpoint's run: `<run>` for `<run>/checkpoints/last`, else the file's folder. Absolute or
/// relative like `checkpoint`.
std::filesystem::path run_of_checkpoint(const std::filesystem::path& checkpoint);

/// "; did you mean runs/celeba?" with the run that `path`, which is not a run, most likely means: the run
/// that contains it, the one of its name in runs/, or one with a near name (core/nearest_path.h); empty if
/// there is none.
std::string did_you_mean_run(const std::filesystem::path& path);

/// Throws ConfigError if there is no folder `run`; the message says what is there instead and suggests a run.
void require_folder_of_run(const std::filesystem::path& run);

}  // namespace patronus
