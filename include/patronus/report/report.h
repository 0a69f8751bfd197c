#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "patronus/io/json_text.h"
#include "patronus/io/table.h"
#include "patronus/run/run_directory.h"

namespace patronus {

/// Something that a report lacks or shows outdated, and the command to fix it.
struct ReportRemark {
  std::string what;
  std::string command;
};

/// A run's records as a report. `content`, for the page's script: name, state and step; facts, configuration,
/// environment and data; charts of metrics; prototypes with names, pictures and attributes
/// (predicted_attributes); records, tables and pictures of the analyses by file name, unchanged; and `made`:
/// the models that each command's results, and an evaluation's generated images, are of, as {"command",
/// "models", "stale"}. Pictures are PNG data URIs.
struct Report {
  Json content;
  std::vector<ReportRemark> remarks{};  // also in `content`
};

/// Collects the records in a run's folder: those of `evaluate`, `visualize-prototypes`, `emergence` and
/// `diagnose`, if any, and pictures of other commands. Runs no network and opens no data set. Throws
/// ConfigError if the folder is not a run, DataError naming a damaged record.
Report collect_report(const RunDirectory& run);

/// A self-contained HTML page that shows `content`, with style and script inlined.
std::string report_page(const Json& content);

/// For each prototype of `content` (with tables), the attributes that it predicts best of all prototypes, in
/// descending order: {"attribute", "auroc" (0.5 to 1), "rises"}. Throws DataError if a table is not in its
/// command's format.
Json predicted_attributes(const Json& content);

/// Table with one row per prototype of all its numbers in `content`, in columns prefixed by the analysis
/// ("enhanced gain", "control drift", "emergence t50"), and the attributes that it predicts best. Throws
/// DataError if a table is not in its command's format.
Table report_table(const Json& content);

/// The value of "format" in report_json.
inline constexpr const char* kReportFormat = "patronus-report";

/// `content` without pictures, after the format's name.
Json report_json(const Json& content);

}  // namespace patronus
