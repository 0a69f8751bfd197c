#include "patronus/sweep/sweep_results.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "patronus/core/log.h"
#include "patronus/core/text.h"
#include "patronus/core/unknown.h"
#include "patronus/io/json_text.h"
#include "patronus/sweep/run_sweep.h"
#include "patronus/training/metrics_log.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// A number, or the "mean" of an object; null if there is none.
Json result_in(const Json& found) {
  const Json& number = found.is_object() && found.contains("mean") ? found["mean"] : found;
  return number.is_number() ? number : Json();
}

/// Adds the JSON pointers of all results below `json`: numbers, and means with deviations; not those in
/// lists.
void add_places(const Json& json, const std::string& place, std::vector<std::string>& places) {
  if (json.is_number() || (json.contains("mean") && json.contains("sd"))) return places.push_back(place);
  if (!json.is_object()) return;
  for (const auto& [name, value] : json.items()) {
    if (name != "protocol") add_places(value, (Json::json_pointer(place) / name).to_string(), places);
  }
}

/// JSON pointers of the results that a column may mean.
std::vector<std::string> places_of(const SweepColumn& column, const Json& json) {
  if (column.is_place()) return {column.pointer};
  std::vector<std::string> places;
  add_places(json, "", places);
  std::erase_if(places, [&](const auto& place) { return !place.ends_with("/" + column.pointer); });
  return places;
}

/// NaN if a column has no number or is ambiguous.
double number_of(const SweepColumn& column, const fs::path& run) {
  const fs::path file = run / column.file;
  if (column.is_metric()) {
    const auto values = read_metric(RunDirectory(file.parent_path()), column.pointer).values;
    return values.empty() ? kNaN : values.back();
  }
  if (!fs::exists(file)) return kNaN;
  const Json json = read_json(file);
  const auto places = places_of(column, json);
  if (json.is_discarded() || places.size() != 1) return kNaN;
  const Json::json_pointer place(places.front());
  const Json number = json.contains(place) ? result_in(json[place]) : Json();
  return number.is_null() ? kNaN : number.get<double>();
}

/// "column loss: no number at metrics.jsonl#loss".
std::string no_number_text(const SweepColumn& column) {
  return "column " + column.name + ": no number at " + column.file + "#" + column.pointer;
}

/// "; there are control/gain, control/spill": all results that a short name can mean.
std::string text_of_numbers(const Json& json) {
  std::vector<std::string> places;
  add_places(json, "", places);
  if (places.empty()) return "; the file holds none outside lists";
  for (auto& place : places) place.erase(0, 1);
  return "; there are " + join(places);
}

/// "; there are mean, sd": what a JSON file has at the first missing part of the pointer.
std::string text_of_others(const Json& json, const std::string& pointer) {
  Json::json_pointer place(pointer);
  if (json.contains(place)) return "; what stands there is none, or not known";
  while (!place.empty() && !json.contains(place)) place.pop_back();
  const Json& found = json[place];
  if (found.is_array()) return "; there are " + std::to_string(found.size()) + ", numbered from 0";
  std::vector<std::string> names;
  for (const auto& [name, value] : found.items()) names.push_back(name);
  return names.empty() ? "" : "; there are " + join(names);
}

/// What a JSON file has where a column asks for something else.
std::string text_of_file(const SweepColumn& column, const fs::path& file) {
  if (!fs::exists(file)) return "; there is no such file";
  const Json json = read_json(file);
  const auto places = places_of(column, json);
  if (places.empty()) return text_of_numbers(json);
  if (places.size() == 1) return text_of_others(json, places.front());
  return "; it may mean " + join_or(places) + ": say more of the place";
}

SweepRow& row_of(std::vector<SweepRow>& rows, const SweepPoint& point) {
  for (auto& row : rows) {
    if (row.name == point.row) return row;
  }
  rows.push_back({.name = point.row, .values = point.values});
  return rows.back();
}

void add_means(SweepRow& row, const SweepResults& results, size_t columns) {
  for (size_t c = 0; c < columns; ++c) {
    std::vector<double> values;
    for (const size_t p : row.points) {
      if (std::isfinite(results.numbers[p][c])) values.push_back(results.numbers[p][c]);
    }
    row.means.push_back(mean_over(values, "seeds", Deviation::kSample));
  }
}

void warn_of_missing(const SweepPlan& sweep, const SweepResults& results) {
  for (size_t c = 0; c < sweep.columns.size(); ++c) {
    std::vector<std::string> missing;
    for (size_t p = 0; p < sweep.points.size(); ++p) {
      if (results.done[p] && !std::isfinite(results.numbers[p][c])) missing.push_back(sweep.points[p].name);
    }
    if (missing.empty()) continue;
    const SweepColumn& column = sweep.columns[c];
    log_warning(no_number_text(column) + " of " + missing.front() +
                (missing.size() > 1 ? " and " + std::to_string(missing.size() - 1) + " more" : ""));
  }
}

}  // namespace

void warn_of_missing_numbers(const SweepPlan& sweep, const SweepPoint& point, const fs::path& folder) {
  for (const auto& column : sweep.columns) {
    const fs::path run = folder / point.name;
    if (std::isfinite(number_of(column, run))) continue;
    log_warning_once(no_number_text(column) +
                     (column.is_metric() ? "" : text_of_file(column, run / column.file)));
  }
}

SweepResults read_sweep_results(const SweepPlan& sweep, const fs::path& folder) {
  SweepResults results;
  for (size_t p = 0; p < sweep.points.size(); ++p) {
    const SweepPoint& point = sweep.points[p];
    results.done.push_back(is_done(sweep, point, folder));
    results.numbers.emplace_back();
    for (const auto& column : sweep.columns)
      results.numbers.back().push_back(results.done.back() ? number_of(column, folder / point.name) : kNaN);
    row_of(results.rows, point).points.push_back(p);
  }
  for (auto& row : results.rows) add_means(row, results, sweep.columns.size());
  warn_of_missing(sweep, results);
  return results;
}

}  // namespace patronus
