#include "patronus/run/run_directory.h"

#include <algorithm>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/nearest_path.h"
#include "patronus/core/parse_number.h"
#include "patronus/core/text.h"
#include "patronus/core/version.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/json_text.h"
#include "patronus/io/make_folder.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// The step, digits only, between `begin` and `end` in the file's name; nothing for other names.
std::optional<uint64_t> step_between(const std::string& begin, const fs::path& file, const std::string& end) {
  const std::string name = file.filename().string();
  if (!name.starts_with(begin) || !name.ends_with(end)) return std::nullopt;
  return parse_number<uint64_t>(name.substr(begin.size(), name.size() - begin.size() - end.size()));
}

/// Step of a checkpoint, "step-0000100.pt"; nothing for other files.
std::optional<uint64_t> step_of(const fs::path& file) {
  return step_between("step-", file, ".pt");
}

/// Content of status.json; null if it is missing or not a run's.
Json read_status(const fs::path& file) {
  std::error_code error;  // a name too long is that of no file
  if (!fs::is_regular_file(file, error)) return nullptr;
  const Json status = read_json(file);
  const bool ours = status.is_object() && status.contains("state") && status.contains("step") &&
                    status["step"].is_number_integer();
  return ours ? status : nullptr;
}

bool had_checkpoints(const Json& status) {
  return status.is_object() && !status.value("checkpoint", Json()).is_null();
}

/// Removes the files in `folder`, if it exists, for which `is_ours` holds.
void remove_files(const fs::path& folder, const std::function<bool(const fs::path&)>& is_ours) {
  std::error_code none;
  std::vector<fs::path> ours;
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    if (is_ours(entry.path())) ours.push_back(entry.path());
  }
  for (const auto& path : ours) fs::remove(path);
}

bool is_record(const fs::path& file) {
  static const std::set<std::string> names{"metrics.jsonl", "from.json", "loss.png", "loss.pdf", "loss.svg"};
  const std::string name = file.filename().string();
  return names.contains(name) || name.starts_with("events.out.tfevents.");
}

/// Whether the name is that of a preview picture: "samples-0000040.png".
bool is_preview(const fs::path& file) {
  for (const char* format : {".png", ".pdf", ".svg"}) {
    if (step_between("samples-", file, format) || step_between("reconstruction-", file, format)) return true;
  }
  return false;
}

}  // namespace

fs::path RunDirectory::folder(const std::string& name) const {
  return make_folder(path_ / name);
}

fs::path RunDirectory::checkpoint(int64_t step) const {
  return path_ / "checkpoints" / ("step-" + zero_padded(step, 7) + ".pt");
}

std::vector<fs::path> RunDirectory::checkpoints() const {
  std::vector<fs::path> found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(path_ / "checkpoints", none)) {
    if (step_of(entry.path())) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return step_of(a) < step_of(b); });
  return found;
}

std::optional<fs::path> RunDirectory::last_checkpoint() const {
  const fs::path named = resolve_checkpoint(file("checkpoints/last"));
  if (fs::is_regular_file(named)) return named;
  const auto found = checkpoints();
  if (found.empty()) return std::nullopt;
  log_warning_once(file("checkpoints/last").string() + ": names no checkpoint that is there; " +
                   found.back().filename().string() + " is the newest");
  return found.back();
}

std::optional<int64_t> RunDirectory::last_step() const {
  const auto last = last_checkpoint();
  const auto step = last ? step_of(*last) : std::nullopt;
  return step ? std::optional(static_cast<int64_t>(*step)) : std::nullopt;
}

void RunDirectory::register_checkpoint(int64_t step, int64_t keep) const {
  const fs::path newest = checkpoint(step);
  write_file(newest.parent_path() / "last", newest.filename().string() + "\n");  // syncs the folder, too
  auto found = checkpoints();
  std::erase_if(found, [&](const fs::path& path) { return step_of(path) > static_cast<uint64_t>(step); });
  for (size_t i = 0; i + static_cast<size_t>(keep) < found.size(); ++i) {
    std::error_code error;
    fs::remove(found[i], error);
    if (error) log_warning_once(found[i].string() + ": cannot be removed: " + error.message());
  }
}

bool RunDirectory::is_run() const {
  return read_status(file("status.json")).is_object();
}

void RunDirectory::require_run_or_empty() const {
  if (!fs::is_directory(path_) || is_run()) return;
  for (const auto& entry : fs::directory_iterator(path_)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(".")) continue;
    throw ConfigError(path_.string() + ": is not empty (" + name +
                      ") and not a run of this program; choose another folder with --run");
  }
}

void RunDirectory::mark_as_run() const {
  if (had_checkpoints(read_status(file("status.json")))) {
    throw DataError((path_ / "checkpoints").string() +
                    ": the run's checkpoints are lost; put them back, or choose another folder with --run");
  }
  write_status("running", 0);
  remove_files(path_, is_record);
  remove_files(file("samples"), is_preview);
  folder("checkpoints");
}

void RunDirectory::write_status(const std::string& state, int64_t step, const std::string& message) const {
  Json status{{"state", state}, {"step", step}, {"checkpoint", nullptr}};
  if (const auto found = checkpoints(); !found.empty())
    status["checkpoint"] = found.back().filename().string();
  if (!message.empty()) status["message"] = message;
  write_file(file("status.json"), json_text(status));
}

void RunDirectory::write_environment(const std::vector<std::pair<std::string, std::string>>& entries) const {
  Json environment{{"patronus", kProgramVersion.version},
                   {"git_revision", kProgramVersion.git_revision},
                   {"libtorch", kProgramVersion.libtorch}};
  for (const auto& [key, value] : entries) environment[key] = value;
  write_file(file("environment.json"), json_text(environment));
}

void RunDirectory::truncate_metrics(int64_t step) const {
  std::ifstream metrics(file("metrics.jsonl"));
  if (!metrics) return;
  std::string kept;
  for (std::string line; std::getline(metrics, line);) {
    // A line left half-written by a killed process is not valid JSON: drop it and all after it.
    const auto entry = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!entry.is_object() || entry.value("step", int64_t{0}) > step) break;
    kept += line + "\n";
  }
  if (metrics.bad()) throw Error(file("metrics.jsonl").string() + ": cannot be read to its end");
  write_file(file("metrics.jsonl"), kept);
}

std::string did_you_mean_run(const fs::path& path) {
  const auto found = [](const fs::path& run) { return "; did you mean " + run.string() + "?"; };
  for (fs::path around = path.parent_path(); around.has_filename(); around = around.parent_path()) {
    if (RunDirectory(around).is_run()) return found(around);
  }
  const fs::path below = path.parent_path() / "runs" / path.filename();
  if (RunDirectory(below).is_run()) return found(below);
  for (const auto& place : {path, below}) {
    const auto near = nearest_path(place, fs::file_type::directory);
    if (near && *near != place && RunDirectory(*near).is_run()) return found(*near);
  }
  return "";
}

void require_folder_of_run(const fs::path& run) {
  if (fs::is_directory(run)) return;
  if (!fs::exists(run))
    throw ConfigError(run.string() + ": no such run; train first, or name another --run" +
                      did_you_mean_run(run));
  throw ConfigError(run.string() +
                    ": is a file; expected the folder of a run; a checkpoint is named with --checkpoint" +
                    did_you_mean_run(run));
}

fs::path resolve_checkpoint(const fs::path& path) {
  constexpr uintmax_t kLongestName = 255;
  if (path.filename() != "last") return path;
  // A longer file is a checkpoint itself.
  if (!fs::is_regular_file(path) || fs::file_size(path) > kLongestName) return path;
  return path.parent_path() / trim(read_file(path));
}

fs::path run_of_checkpoint(const fs::path& checkpoint) {
  const fs::path holder = fs::absolute(checkpoint).parent_path();
  const fs::path run = holder.filename() == "checkpoints" ? holder.parent_path() : holder;
  return checkpoint.is_absolute() ? run : fs::proximate(run);
}

}  // namespace patronus
