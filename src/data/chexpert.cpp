#include <ATen/Functions.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "data/listed_images.h"
#include "data/table_attributes.h"
#include "patronus/core/error.h"
#include "patronus/core/random.h"
#include "patronus/io/text_table.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

constexpr char kCheXpertFiles[] = "train.csv and train/ of CheXpert";

/// The folder that train.csv lies in: the data folder, or the one that unpacking made in it.
fs::path chexpert_folder(const fs::path& root) {
  if (fs::exists(root / "train.csv")) return root;
  for (const auto& entry : fs::directory_iterator(root)) {
    if (fs::exists(entry.path() / "train.csv")) return entry.path();
  }
  throw DataError((root / "train.csv").string() + ": no such file; expected " + kCheXpertFiles +
                  " in this folder (--data, data.path)");
}

size_t required_column(const TextTable& table, const std::string& name) {
  for (size_t c = 0; c < table.columns.size(); ++c) {
    if (table.columns[c].name == name) return c;
  }
  throw DataError(table.where_header() + "no column '" + name +
                  "'; expected train.csv as CheXpert publishes it");
}

/// "train/patient00001/study1/view1_frontal.jpg" of a path that begins with the data set's own folder.
std::string below_data_set(const std::string& path) {
  return path.substr(std::min(path.find('/') + 1, path.size()));
}

/// "patient00001" of such a path.
std::string patient_of(const std::string& path) {
  const fs::path below = below_data_set(path);
  return below.parent_path().parent_path().filename().string();
}

/// One frontal scan of every patient, so that no patient is in both halves and none counts for many (paper
/// A.4): the one whose name's hash is smallest.
std::vector<int64_t> chosen_scans(const TextTable& table, LeftOutList& left_out) {
  const TextColumn& path = table.columns[required_column(table, "Path")];
  const TextColumn& side = table.columns[required_column(table, "Frontal/Lateral")];
  std::map<std::string, std::pair<uint64_t, size_t>> scan_of;
  for (size_t row = 0; row < table.rows(); ++row) {
    const std::string& name = path.cell(row);
    if (side.cell(row) != "Frontal") {
      left_out.add_minor("lateral scans", name);
      continue;
    }
    const std::pair scan{derive_seed(0, below_data_set(name)), row};
    const auto [chosen, is_first] = scan_of.emplace(patient_of(name), scan);
    if (is_first) continue;
    left_out.add_minor("further scans of a patient", path.cell(std::max(chosen->second, scan).second));
    chosen->second = std::min(chosen->second, scan);
  }
  std::vector<int64_t> rows;
  for (const auto& [patient, scan] : scan_of) rows.push_back(static_cast<int64_t>(scan.second));
  std::sort(rows.begin(), rows.end());
  return rows;
}

/// Age as the paper asks for it (C.4): 60 or older.
void split_age_at_sixty(TextTable& table) {
  TextColumn& age = table.columns[required_column(table, "Age")];
  TextColumn old;
  old.name = "Age_60_or_older";
  for (size_t row = 0; row < table.rows(); ++row) {
    const std::string& years = age.cell(row);
    old.append(years.empty() ? "" : std::atof(years.c_str()) >= 60 ? "1" : "0");
  }
  age = std::move(old);
}

/// Whether a column is of findings: 1, 0, -1 and blanks.
bool is_of_findings(const TextColumn& column) {
  return std::all_of(column.texts().begin(), column.texts().end(), [](const std::string& text) {
    const auto number = number_from(text);
    return text.empty() || (number && (*number == 1 || *number == 0 || *number == -1));
  });
}

/// The cell that a policy makes of one that nobody is sure of.
std::string decided(const std::string& cell, FindingPolicy policy) {
  return policy == FindingPolicy::kUnknown ? cell : policy == FindingPolicy::kZero ? "0" : "1";
}

/// Applies the policies to the columns of findings; gives what is to be said of that.
std::vector<std::string> decide_findings(TextTable& table, const ChexpertConfig& config) {
  for (auto& column : table.columns) {
    if (!is_of_findings(column)) continue;
    TextColumn findings;
    findings.name = column.name;
    for (size_t row = 0; row < table.rows(); ++row) {
      const std::string& cell = column.cell(row);
      const bool uncertain = number_from(cell) == -1;
      findings.append(cell.empty() ? decided(cell, config.blank)
                      : uncertain  ? decided(cell, config.uncertain)
                                   : cell);
    }
    column = std::move(findings);
  }
  std::vector<std::string> remarks;
  if (config.blank != FindingPolicy::kUnknown) remarks.push_back("blank is " + decided("", config.blank));
  if (config.uncertain != FindingPolicy::kUnknown)
    remarks.push_back("-1 is " + decided("", config.uncertain));
  return remarks;
}

}  // namespace

ListedImages list_chexpert(const DataConfig& config) {
  const fs::path folder = chexpert_folder(data_folder(config, kCheXpertFiles));
  TextTable table = read_text_table(folder / "train.csv");
  const size_t path = required_column(table, "Path"), side = required_column(table, "Frontal/Lateral");
  const auto policies = decide_findings(table, config.chexpert);
  split_age_at_sixty(table);
  LeftOutList left_out;
  std::vector<int64_t> rows;
  std::vector<std::string> names;
  for (const int64_t row : chosen_scans(table, left_out)) {
    const std::string name = below_data_set(table.columns[path].cell(static_cast<size_t>(row)));
    if (!fs::exists(folder / name)) {
      left_out.add("listed scans that are not there", name);
      continue;
    }
    names.push_back(name);
    rows.push_back(row);
  }
  if (names.empty())
    throw DataError(table.path.string() + ": none of its frontal scans is in " + folder.string());
  if (fs::exists(folder / "valid.csv")) left_out.add_minor("other files", "valid.csv");
  std::vector<Part> parts(names.size(), Part::kUndivided);
  std::vector<size_t> columns;
  for (size_t c = 0; c < table.columns.size(); ++c) {
    if (c != path && c != side) columns.push_back(c);
  }
  ListedImages images = listed_files(folder, std::move(names), std::move(parts), config.channels);
  const auto attributes = attributes_of_columns(table, columns, config.attributes, MinusOne::kUnknown);
  images.attributes = attributes.table.rows(at::tensor(rows, at::kLong));
  images.remarks = {"one frontal scan of each patient"};
  for (const auto* remarks : {&policies, &attributes.remarks})
    images.remarks.insert(images.remarks.end(), remarks->begin(), remarks->end());
  left_out.append(attributes.left_out);
  images.left_out = left_out;
  return images;
}

}  // namespace patronus
