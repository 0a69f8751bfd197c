#include "patronus/run/run_data.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "patronus/core/config.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/text.h"
#include "patronus/data/dataset.h"
#include "patronus/data/image_survey.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/json_text.h"
#include "patronus/run/run_config.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDataFile = "data.json";

Json identity_in(const fs::path& file) {
  const Json data = read_json(file);
  const auto identity = data.is_object() ? data.value("identity", Json()) : Json();
  const auto is_text = [](const Json& value) { return value.is_string(); };
  if (!identity.is_object() || !std::all_of(identity.begin(), identity.end(), is_text)) {
    throw DataError(file.string() + ": damaged; remove it to go on with the data as they are now");
  }
  return identity;
}

/// "training images (90, were 100)", or the name alone for hashes, whose values mean nothing to people.
std::string difference(const std::string& what, const std::string& now, const std::string& before) {
  const bool hash = what.starts_with("names of ") || what.starts_with("sizes of ");
  return hash ? what : what + " (" + now + ", were " + before + ")";
}

std::vector<std::string> differences(const DataReport& report, const fs::path& file) {
  const auto before = identity_in(file);
  std::vector<std::string> different;
  for (const auto& [what, now] : report.identity) {
    const std::string was = before.value(what, "unknown");
    if (was != now) different.push_back(difference(what, now, was));
  }
  return different;
}

/// The condition that chose the run's images (data.where).
std::string condition_of(const RunDirectory& run) {
  const fs::path file = run.file("config.yaml");
  return fs::exists(file) ? run_config_from_yaml(read_file(file), file.string()).data.where : "";
}

}  // namespace

void write_run_data(const RunDirectory& run, const DataReport& report) {
  write_file(run.file(kDataFile), json_text(to_json(report)));
}

void require_same_data(const RunDirectory& run, const DataReport& report,
                       const std::function<std::string()>& advice) {
  const fs::path file = run.file(kDataFile);
  if (!fs::exists(file)) return;
  const auto different = differences(report, file);
  if (different.empty()) return;
  throw DataError(run.path().string() + ": began with other data, which differ in " + join(different) + "; " +
                  (advice ? advice() : "") + "remove " + file.string() +
                  " to go on with the data as they are now");
}

DataReport cached_data_report(const DataConfig& config) {
  static std::mutex mutex;
  static std::map<std::string, DataReport> listed;
  DataConfig described = config;
  const std::string settings = write_yaml(Fields(described));
  const std::lock_guard lock(mutex);
  if (!listed.contains(settings)) {
    propose_format(described);
    listed[settings] = describe_data(described);
  }
  return listed[settings];
}

bool matches_run_data(const RunDirectory& run, const DataConfig& config) {
  const fs::path file = run.file(kDataFile);
  return fs::exists(file) && differences(cached_data_report(config), file).empty();
}

bool warn_of_other_data(const RunDirectory& run, const DataConfig& config, const DataReport& report) {
  const fs::path file = run.file(kDataFile);
  if (!fs::exists(file) || differences(report, file).empty()) return false;
  // Images are divided before a condition chooses among them: of another part, or the whole, none moves from
  // one split to the other.
  DataConfig as_trained = config;
  as_trained.where = condition_of(run);
  if (as_trained.where != config.where && matches_run_data(run, as_trained)) return true;
  log_warning_once(
      run.path().string() +
      ": was trained with other data (its data.json); images of the test split may be training images");
  return true;
}

}  // namespace patronus
