#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "patronus/io/json_text.h"
#include "patronus/io/table.h"
#include "patronus/run/run_directory.h"

namespace patronus {

/// Something that a report lacks, or shows as it no longer is, and the command that would make it.
struct ReportRemark {
  std::string what;
  std::string command;
};

/// A run as its commands have recorded it. `content` holds, for the page's script: name, state and step;
/// facts, configuration, environment and data; charts of its metrics; prototypes with their names,
/// pictures and attributes (told_attributes); and the records, tables and pictures of the analyses by file
/// name, as they were written. Pictures are PNG in data URIs.
struct Report {
  Json content;
  std::vector<ReportRemark> remarks{};  // also in the content
};

/// Reads the records in the folder of a run: of `evaluate`, `visualize-prototypes`, `emergence` and
/// `diagnose` where they are there, and pictures of other commands. Runs no network and opens no data set.
/// ConfigError where the folder is no run, DataError naming a damaged record.
Report collect_report(const RunDirectory& run);

/// A page that shows `content` by itself: style and script are in it, nothing is loaded.
std::string report_page(const Json& content);

/// Of `content` with prototypes and tables, for each prototype the attributes that it tells better than any
/// other does, the best first: {"attribute", "auroc" (0.5 to 1), "rises"}. DataError where a table is not as
/// its command writes it.
Json told_attributes(const Json& content);

/// A row a prototype with all numbers that `content` has of it, the analysis before each column's name:
/// "enhanced gain", "control drift", "emergence t50"; and the attributes that it tells best. DataError where
/// a table is not as its command writes it.
Table report_table(const Json& content);

/// How the file of report_json begins.
inline constexpr const char* kReportJsonBeginning = "{\n  \"format\": \"patronus-report\"";

/// `content` without its pictures, behind the format's name.
Json report_json(const Json& content);

}  // namespace patronus
