#include <ATen/Functions.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "data/chexpert_tables.h"
#include "data/listed_images.h"
#include "data/table_attributes.h"
#include "patronus/core/contains.h"
#include "patronus/core/error.h"
#include "patronus/core/random.h"
#include "patronus/core/text.h"
#include "patronus/io/text_table.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

constexpr char kCheXpertFiles[] = "train.csv and train/ of CheXpert";

/// Folders with a train.csv: "" if `root` has one, else those of its subfolders that have one, by name.
std::vector<std::string> folders_with_list(const fs::path& root) {
  std::error_code error;
  if (fs::exists(root / "train.csv", error)) return {""};
  const fs::directory_iterator entries(root, error);
  if (error) throw DataError(root.string() + ": cannot be read: " + error.message());
  std::vector<std::string> folders;
  for (const auto& entry : entries) {  // skips folders that cannot be read
    if (entry.is_directory(error) && fs::exists(entry.path() / "train.csv", error))
      folders.push_back(entry.path().filename().string());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

fs::path chexpert_folder(const fs::path& root) {
  const auto folders = folders_with_list(root);
  if (folders.size() == 1) return folders.front().empty() ? root : root / folders.front();
  if (folders.empty()) fail_missing(root / "train.csv", kCheXpertFiles);
  throw DataError(root.string() + ": train.csv is in " + join(folders, " and in ") +
                  "; expected it once; name one of these folders (--data, data.path)");
}

size_t required_column(const TextTable& table, const std::string& name) {
  if (const auto column = table.find_column({name})) return *column;
  throw DataError(table.where_header() + "no column '" + name + "'; expected " +
                  table.path.filename().string() + " as CheXpert publishes it");
}

/// Appends the rows of `more`, which has all columns of `table`, in any order; its further columns are left
/// out.
void append_rows(TextTable& table, const TextTable& more, LeftOutList& left_out) {
  std::set<std::string> names;
  for (auto& column : table.columns) {
    const TextColumn& added = more.columns[required_column(more, column.name)];
    for (size_t row = 0; row < more.rows(); ++row) column.append(added.cell(row));
    names.insert(column.name);
  }
  table.lines.insert(table.lines.end(), more.lines.begin(), more.lines.end());
  for (const auto& column : more.columns) {
    if (!names.contains(column.name))
      left_out.add_minor("columns of valid.csv that train.csv lacks", column.name);
  }
}

/// Removes the first folder of a path, the data set's own, which leaves
/// "train/patient00001/study1/view1_frontal.jpg".
std::string below_data_set(const std::string& path) {
  return path.substr(std::min(path.find('/') + 1, path.size()));
}

/// Patient of such a path: "patient00001".
std::string patient_of(const fs::path& name) {
  return name.parent_path().parent_path().filename().string();
}

/// Scans of the joint list of train.csv and valid.csv.
struct ScanRows {
  std::vector<std::string> names;  // [n], paths below the data set's folder
  std::vector<int64_t> rows;       // [n], rows of the list
};

ScanRows frontal_scans(const TextTable& table, LeftOutList& left_out) {
  const TextColumn& path = table.columns[required_column(table, "Path")];
  const TextColumn& side = table.columns[required_column(table, "Frontal/Lateral")];
  ScanRows frontal;
  for (size_t row = 0; row < table.rows(); ++row) {
    const std::string name = below_data_set(path.cell(row));
    if (side.cell(row) != "Frontal") {
      left_out.add_minor("lateral scans", name);
      continue;
    }
    frontal.names.push_back(name);
    frontal.rows.push_back(static_cast<int64_t>(row));
  }
  return frontal;
}

constexpr const char* kAbsent = "listed scans that are not there";

/// Chooses one scan per patient, so that no patient is in two splits and all count alike (paper A.4): of
/// those whose files exist, the one with the smallest seeded hash of its name.
ChosenScans scans_by_seed(const fs::path& folder, const std::vector<std::string>& names, int64_t seed,
                          LeftOutList& left_out) {
  std::map<std::string, std::vector<std::pair<uint64_t, size_t>>> scans_of;
  for (size_t i = 0; i < names.size(); ++i)
    scans_of[patient_of(names[i])].emplace_back(derive_seed(static_cast<uint64_t>(seed), names[i]), i);
  ChosenScans chosen{.scans = {}, .splits = {}, .division = "", .remark = "one frontal scan of each patient"};
  if (seed != 0) chosen.remark += ", chosen by seed " + std::to_string(seed);
  for (auto& [patient, scans] : scans_of) {
    std::sort(scans.begin(), scans.end());
    bool is_chosen = false;
    for (const auto& [hash, scan] : scans) {
      if (is_chosen) {
        left_out.add_minor("further scans of a patient", names[scan]);
      } else if (fs::exists(folder / names[scan])) {
        chosen.scans.push_back(scan);
        is_chosen = true;
      } else {
        left_out.add(kAbsent, names[scan]);
      }
    }
  }
  std::sort(chosen.scans.begin(), chosen.scans.end());
  chosen.splits = GivenSplits(chosen.scans.size());
  return chosen;
}

/// Removes the scans whose files do not exist.
ChosenScans present_scans(const fs::path& folder, const std::vector<std::string>& names, ChosenScans chosen,
                          LeftOutList& left_out) {
  ChosenScans present{
      .scans = {}, .splits = {}, .division = std::move(chosen.division), .remark = std::move(chosen.remark)};
  for (size_t i = 0; i < chosen.scans.size(); ++i) {
    const std::string& name = names[chosen.scans[i]];
    if (!fs::exists(folder / name)) {
      left_out.add(kAbsent, name);
      continue;
    }
    present.scans.push_back(chosen.scans[i]);
    present.splits.push_back(chosen.splits[i]);
  }
  return present;
}

/// The column with `map` applied to each cell.
TextColumn mapped(const TextColumn& column, const std::function<std::string(const std::string& cell)>& map) {
  TextColumn result;
  result.name = column.name;
  for (const int32_t code : column.codes()) result.append(map(column.texts()[code]));
  return result;
}

/// Replaces Age by the attribute of the paper (C.4): 60 or older.
void split_age_at_sixty(TextTable& table) {
  TextColumn& age = table.columns[required_column(table, "Age")];
  age = mapped(age, [](const std::string& cell) {
    const auto years = parse_signed_number(cell);
    return !years ? "" : *years >= 60 ? "1" : "0";
  });
  age.name = "Age_60_or_older";
}

/// Makes all projections but AP and PA unknown: the lists have a few LL and RL. Returns a remark if there are
/// any.
std::vector<std::string> keep_ap_and_pa(TextTable& table) {
  const auto place = table.find_column({"AP/PA"});
  if (!place) return {};
  TextColumn& side = table.columns[*place];
  int64_t others = 0;
  side = mapped(side, [&](const std::string& cell) {
    if (cell.empty() || cell == "AP" || cell == "PA") return cell;
    ++others;
    return std::string();
  });
  if (others == 0) return {};
  return {"AP/PA is unknown in " + pluralize(others, "row") + " with neither AP nor PA"};
}

/// Whether all cells are 1, 0, -1 or blank, as in the columns of findings.
bool is_of_findings(const TextColumn& column) {
  return std::all_of(column.texts().begin(), column.texts().end(), [](const std::string& text) {
    const auto number = parse_signed_number(text);
    return text.empty() || (number && (*number == 1 || *number == 0 || *number == -1));
  });
}

/// Cell that replaces an uncertain or blank one; kUnknown keeps `cell`.
std::string decided(const std::string& cell, FindingPolicy policy) {
  return policy == FindingPolicy::kUnknown ? cell : policy == FindingPolicy::kZero ? "0" : "1";
}

/// Applies the policies for blank and uncertain findings; returns remarks about them.
std::vector<std::string> decide_findings(TextTable& table, const ChexpertConfig& config) {
  for (auto& column : table.columns) {
    if (!is_of_findings(column)) continue;
    column = mapped(column, [&](const std::string& cell) {
      if (cell.empty()) return decided(cell, config.blank);
      return parse_signed_number(cell) == -1 ? decided(cell, config.uncertain) : cell;
    });
  }
  std::vector<std::string> remarks;
  if (config.blank != FindingPolicy::kUnknown) remarks.push_back("blank is " + decided("", config.blank));
  if (config.uncertain != FindingPolicy::kUnknown)
    remarks.push_back("-1 is " + decided("", config.uncertain));
  return remarks;
}

/// Attributes from the columns of train.csv and valid.csv, for all rows.
TableAttributes listed_attributes(const TextTable& table, const WantedColumns& wanted) {
  const std::set<size_t> others{required_column(table, "Path"), required_column(table, "Frontal/Lateral")};
  std::vector<size_t> columns;
  for (size_t c = 0; c < table.columns.size(); ++c) {
    if (!others.contains(c)) columns.push_back(c);
  }
  return attributes_of_columns(table, columns, wanted, MinusOne::kUnknown);
}

/// Appends the attributes of `more` whose names `table` does not have; adds remarks about the others.
void append_attributes(AttributeTable& table, const AttributeTable& more, std::vector<std::string>& remarks) {
  std::vector<std::string> added;
  for (const auto& name : more.names) {
    if (contains(table.names, name)) {
      remarks.push_back(name + " is from train.csv");
    } else {
      added.push_back(name);
    }
  }
  const AttributeTable columns = more.columns(added);
  table.values = at::cat({table.values, columns.values}, 1);
  table.names.insert(table.names.end(), columns.names.begin(), columns.names.end());
  table.value_names.insert(table.value_names.end(), columns.value_names.begin(), columns.value_names.end());
}

}  // namespace

bool is_chexpert(const fs::path& folder) {
  const auto lists = folders_with_list(folder);
  return std::any_of(lists.begin(), lists.end(), [&](const std::string& below) {
    std::ifstream list(folder / below / "train.csv");
    std::string header;
    return std::getline(list, header) && header.find("Frontal/Lateral") != std::string::npos;
  });
}

ListedImages list_chexpert(const DataConfig& config) {
  const fs::path root = data_folder(config, kCheXpertFiles), folder = chexpert_folder(root);
  const ChexpertTables tables = read_chexpert_tables(config.chexpert, {root, folder});
  TextTable list = read_text_table(folder / "train.csv");
  LeftOutList left_out;
  std::vector<std::string> remarks;
  if (fs::exists(folder / "valid.csv")) {
    append_rows(list, read_text_table(folder / "valid.csv"), left_out);
    remarks.emplace_back("train.csv and valid.csv are one pool of scans");
  }
  const ScanRows frontal = frontal_scans(list, left_out);
  ChosenScans chosen =
      tables.scans ? present_scans(folder, frontal.names,
                                   scans_of_table(*tables.scans, config, frontal.names, left_out), left_out)
                   : scans_by_seed(folder, frontal.names, config.chexpert.seed, left_out);
  ScanRows scans;
  for (const size_t scan : chosen.scans) {
    scans.names.push_back(frontal.names[scan]);
    scans.rows.push_back(frontal.rows[scan]);
  }
  if (scans.names.empty())
    throw DataError(list.path.string() + ": none of its frontal scans is in " + folder.string());
  remarks.push_back(chosen.remark);
  const auto policies = decide_findings(list, config.chexpert);
  split_age_at_sixty(list);
  const auto projections = keep_ap_and_pa(list);
  const auto listed = listed_attributes(list, wanted_columns(config));
  const auto joined = join_chexpert_tables(tables.extra, config.chexpert, scans.names);
  for (const auto* more : {&policies, &projections, &listed.remarks, &joined.remarks})
    remarks.insert(remarks.end(), more->begin(), more->end());
  ListedImages images = listed_files(folder, std::move(scans.names), std::move(chosen.splits));
  images.attributes = listed.table.rows(at::tensor(scans.rows, at::kLong));
  append_attributes(images.attributes, joined.table, remarks);
  images.division = chosen.division;
  images.remarks = std::move(remarks);
  left_out.append(listed.left_out);
  images.left_out = left_out;
  return images;
}

}  // namespace patronus
