#include "patronus/run/run_directory.h"

#include <torch/version.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "patronus/core/error.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/table.h"

namespace patronus {

namespace fs = std::filesystem;

fs::path RunDirectory::folder(const std::string& name) const {
  std::error_code error;
  fs::create_directories(path_ / name, error);
  if (error) throw Error((path_ / name).string() + ": cannot be made: " + error.message());
  return path_ / name;
}

fs::path RunDirectory::checkpoint(int64_t step) const {
  return path_ / "checkpoints" / ("step-" + padded(step, 7) + ".pt");
}

void RunDirectory::checkpoint_written(int64_t step, int64_t keep) const {
  const fs::path link = last_checkpoint();
  const fs::path temporary = link.string() + ".new";
  std::error_code ignored;
  fs::remove(temporary, ignored);
  fs::create_symlink(checkpoint(step).filename(), temporary);
  fs::rename(temporary, link);

  std::vector<fs::path> checkpoints;
  for (const auto& entry : fs::directory_iterator(link.parent_path())) {
    const std::string name = entry.path().filename().string();
    // What a killed process left of a checkpoint that it was writing.
    if (name.starts_with(".step-") && name.ends_with(".tmp")) fs::remove(entry.path());
    if (name.starts_with("step-") && name.ends_with(".pt") && entry.path() != checkpoint(step)) {
      checkpoints.push_back(entry.path());
    }
  }
  // By step, which has more digits than its zeros fill from 10 million on: a longer name is a later one.
  std::sort(checkpoints.begin(), checkpoints.end(), [](const fs::path& a, const fs::path& b) {
    const std::string first = a.filename().string(), second = b.filename().string();
    return first.size() != second.size() ? first.size() < second.size() : first < second;
  });
  for (size_t i = 0; i + static_cast<size_t>(keep) <= checkpoints.size(); ++i) fs::remove(checkpoints[i]);
}

void RunDirectory::write_status(const std::string& state, int64_t step, const std::string& message) const {
  nlohmann::ordered_json status{{"state", state}, {"step", step}};
  if (!message.empty()) status["message"] = message;
  write_file(file("status.json"), status.dump(2) + "\n");
}

void RunDirectory::write_environment(const std::vector<std::pair<std::string, std::string>>& entries) const {
  nlohmann::ordered_json environment{
      {"patronus", PATRONUS_VERSION}, {"git_revision", PATRONUS_REVISION}, {"libtorch", TORCH_VERSION}};
  for (const auto& [key, value] : entries) environment[key] = value;
  write_file(file("environment.json"), environment.dump(2) + "\n");
}

void RunDirectory::forget_metrics() const {
  fs::remove(file("metrics.jsonl"));
  std::vector<fs::path> events;
  for (const auto& entry : fs::directory_iterator(path_)) {
    if (entry.path().filename().string().starts_with("events.out.tfevents.")) events.push_back(entry.path());
  }
  for (const auto& path : events) fs::remove(path);
}

void RunDirectory::cut_metrics(int64_t step) const {
  std::ifstream metrics(file("metrics.jsonl"));
  if (!metrics) return;
  std::string kept;
  for (std::string line; std::getline(metrics, line);) {
    // A line that a killed process left half-written is no JSON; it and all behind it go.
    const auto entry = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!entry.is_object() || entry.value("step", int64_t{0}) > step) break;
    kept += line + "\n";
  }
  write_file(file("metrics.jsonl"), kept);
}

fs::path run_of_checkpoint(const fs::path& checkpoint) {
  const fs::path holder = fs::absolute(checkpoint).parent_path();
  const fs::path run = holder.filename() == "checkpoints" ? holder.parent_path() : holder;
  return checkpoint.is_absolute() ? run : fs::proximate(run);
}

}  // namespace patronus
