#include "sweep/point_record.h"

#include <algorithm>

#include "patronus/core/text.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/json_text.h"
#include "patronus/run/run_data.h"
#include "patronus/run/run_directory.h"
#include "patronus/run/source_weights.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// Settings that differ from the defaults, by key, except runtime settings and the cache of decoded images.
Json settings_json(RunConfig config) {
  RunConfig defaults;
  config.runtime = defaults.runtime;
  config.data.typed_path = defaults.data.typed_path;
  config.data.cache = defaults.data.cache;
  config.data.cache_gb = defaults.data.cache_gb;
  Json settings = Json::object();
  const Fields fields(config), before(defaults);
  for (size_t i = 0; i < fields.list().size(); ++i) {
    const std::string value = value_text(fields.list()[i]);
    if (value != value_text(before.list()[i])) settings[fields.list()[i].key] = value;
  }
  return settings;
}

/// Whether the point in `folder`, trained with the settings `before`, has the settings `now`. The images may
/// have moved, if they are the same.
bool has_settings(Json before, Json now, const DataConfig& data, const fs::path& folder) {
  constexpr const char* kPath = "data.path";
  const bool moved = !equal_json_text(before.value(kPath, Json()), now.value(kPath, Json()));
  before.erase(kPath);
  now.erase(kPath);
  return equal_json_text(before, now) && (!moved || matches_run_data(RunDirectory(folder), data));
}

/// The checkpoint that commands would use now; empty if there is none.
std::string checkpoint_of(const SweepPoint& point, const fs::path& folder) {
  if (point.is_start) return source_checkpoint(point.config.training.from).string();
  const auto last = fs::exists(folder) ? RunDirectory(folder).last_checkpoint() : std::nullopt;
  return last ? last->filename().string() : "";
}

}  // namespace

std::string other_training(const SweepPoint& point, const fs::path& folder) {
  if (!fs::exists(folder)) return "";
  const RunDirectory run(folder);
  const fs::path file = run.file("config.yaml");
  if (!run.last_checkpoint() || !fs::exists(file)) return "";
  const RunConfig before = run_config_from_yaml(read_file(file), file.string());
  RunConfig now = point.config;
  if (now.data.size == 0) now.data.size = before.data.size;  // chosen by the training
  if (now.data.channels == 0) now.data.channels = before.data.channels;
  auto keys = keys_that_forbid_resuming(before, now);
  for (const auto& key : differing_keys(before, now)) {
    if (key == "training.epochs" || key == "training.max_steps") keys.push_back(key);
  }
  return keys.empty() ? "" : differences_text(keys, before, now);
}

PointRecord::PointRecord(const SweepPoint& point, const fs::path& folder)
    : point_(point), folder_(folder), settings_(settings_json(point.config)), trained_(point.is_start) {
  const fs::path file = folder / "sweep.json";
  if (!fs::exists(file)) return;
  const Json record = read_json(file);
  const std::string checkpoint = checkpoint_of(point, folder);
  if (checkpoint.empty() || !record.is_object()) return;
  try {
    if (!equal_json_text(record.value("checkpoint", Json()), checkpoint)) return;
    if (!has_settings(record.value("settings", Json()), settings_, point.config.data, folder)) return;
    commands_ = record.value("commands", std::vector<std::string>{});
    trained_ = true;
  } catch (const Json::exception&) {  // not in our format: counts as nothing done
  }
}

size_t PointRecord::commands_done(const std::vector<std::vector<std::string>>& commands) const {
  size_t done = 0;
  while (done < std::min(commands.size(), commands_.size()) &&
         equal_json_text(commands_[done], join(commands[done], " ")))
    ++done;
  return done;
}

void PointRecord::add_training() {
  trained_ = true;
  commands_.clear();
  write();
}

void PointRecord::add_command(const std::vector<std::string>& command, size_t done_before) {
  commands_.resize(done_before);
  commands_.push_back(join(command, " "));
  write();
}

void PointRecord::write() const {
  const Json record{
      {"settings", settings_}, {"checkpoint", checkpoint_of(point_, folder_)}, {"commands", commands_}};
  write_file(folder_ / "sweep.json", json_text(record));
}

}  // namespace patronus
