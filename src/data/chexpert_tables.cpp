#include "data/chexpert_tables.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <cctype>
#include <unordered_map>

#include "data/chexpert_binarisation.h"
#include "data/table_images.h"
#include "patronus/core/config_files.h"
#include "patronus/core/contains.h"
#include "patronus/core/error.h"
#include "patronus/core/text.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

using Names = std::vector<std::string>;

const Names kUsualTables{"df_chexpert_plus_240401.csv", "che_pm_meta.csv"};
const Names kKeyColumns{"path_to_image", "img_name", "Path", "deid_patient_id", "patient_id", "PATIENT"};

const std::string kSplitColumn = "split";

std::string file_name_of(const TextTable& table) {
  return table.path.filename().string();
}

/// Distinct column names of all tables, in order of appearance.
Names column_names(const std::vector<const TextTable*>& tables) {
  Names names;
  for (const TextTable* table : tables) {
    for (const auto& column : table->columns) {
      if (!column.name.empty() && !contains(names, column.name)) names.push_back(column.name);
    }
  }
  return names;
}

[[noreturn]] void fail_absent_column(const std::string& setting, const std::string& column,
                                     const std::vector<const TextTable*>& tables) {
  const Names names = column_names(tables);
  const std::string what = "data.chexpert." + setting + ": no table has a column '" + column + "'; expected ";
  throw ConfigError(what + (names.empty()
                                ? "one of the tables' columns; name tables with data.chexpert.tables"
                                : "one of " + join(names) + did_you_mean(column, names)));
}

std::optional<fs::path> find_chexpert_table(const std::string& name, const std::vector<fs::path>& folders) {
  for (const auto& folder : folders) {
    std::error_code error;
    if (fs::is_regular_file(folder / expand_home(name), error)) return folder / expand_home(name);
  }
  return std::nullopt;
}

/// Reads a table without unused columns, some of which contain whole reports.
TextTable read_wanted_columns(const fs::path& path, const ChexpertConfig& config) {
  Names wanted = kKeyColumns;
  wanted.push_back(config.key);
  for (const auto& binarisation : chexpert_binarisations()) wanted.push_back(config.*binarisation.column);
  return read_text_table(path, [&](const TextColumn& column) {
    return to_lower(column.name) == kSplitColumn || contains(wanted, column.name);
  });
}

TextTable read_named_table(const std::string& name, const std::vector<fs::path>& folders,
                           const ChexpertConfig& config, const std::string& setting) {
  if (const auto path = find_chexpert_table(name, folders)) return read_wanted_columns(*path, config);
  throw DataError((folders.front() / expand_home(name)).string() +
                  ": no such file; expected a table as data.chexpert." + setting +
                  " names it, in the data folder; put it there or give its path");
}

std::vector<TextTable> read_joined_tables(const ChexpertConfig& config,
                                          const std::vector<fs::path>& folders) {
  std::vector<TextTable> tables;
  for (const auto& name : config.tables) tables.push_back(read_named_table(name, folders, config, "tables"));
  if (!config.tables.empty()) return tables;
  for (const auto& name : kUsualTables) {
    if (const auto path = find_chexpert_table(name, folders))
      tables.push_back(read_wanted_columns(*path, config));
  }
  return tables;
}

void check_key(const std::string& key, const ChexpertTables& tables) {
  std::vector<const TextTable*> all;
  if (tables.scans) all.push_back(&*tables.scans);
  for (const auto& table : tables.extra) all.push_back(&table);
  const auto has_key = [&](const TextTable* table) { return table->find_column({key}).has_value(); };
  if (!key.empty() && std::none_of(all.begin(), all.end(), has_key)) fail_absent_column("key", key, all);
}

/// The column that names scans or patients: `wanted` if the table has it, else the first of kKeyColumns.
const TextColumn& key_column(const TextTable& table, const std::string& wanted) {
  Names names = kKeyColumns;
  if (!wanted.empty()) names.insert(names.begin(), wanted);
  if (const auto column = table.find_column(names)) return table.columns[*column];
  throw DataError(table.where_header() + "no column that names scans or patients; expected one of " +
                  join(kKeyColumns) + ", found " + join(column_names({&table})) +
                  "; name it with data.chexpert.key");
}

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

bool is_of_scan(const std::string& key) {
  return key.find('/') != std::string::npos;
}

std::string patient_of_key(const std::string& key) {
  return key.substr(0, key.find('/'));
}

/// The scan or patient of each row, as `scan_or_patient` returns it. Throws DataError if a row has neither.
Names keys_of_rows(const TextTable& table, const std::string& wanted_column) {
  const TextColumn& column = key_column(table, wanted_column);
  Names keys;
  for (size_t row = 0; row < table.rows(); ++row) {
    keys.push_back(scan_or_patient(column.cell(row)));
    if (keys.back().empty()) {
      throw DataError(table.where(row) + column.name + " '" + column.cell(row) +
                      "' is no scan and no patient; expected patient00001/study1/view1_frontal.jpg or "
                      "patient00001; correct it, or name another column with data.chexpert.key");
    }
  }
  return keys;
}

using RowOfKey = std::unordered_map<std::string, size_t>;

/// Index of each key's row. Throws DataError for a repeated key.
RowOfKey rows_by_key(const TextTable& table, const Names& keys) {
  RowOfKey rows;
  for (size_t row = 0; row < keys.size(); ++row) {
    if (const auto [first, is_new] = rows.emplace(keys[row], row); !is_new)
      table.fail_repeated(row, first->second, keys[row]);
  }
  return rows;
}

/// Row of each scan in a table with one scan per patient. Throws DataError for a row without a scan, and for
/// a patient with several.
RowOfKey rows_by_scan(const TextTable& table, const Names& keys) {
  Names patients;
  for (size_t row = 0; row < keys.size(); ++row) {
    if (!is_of_scan(keys[row])) {
      throw DataError(table.where(row) + keys[row] +
                      " is a patient; expected a scan, as patient00001/study1/view1_frontal.jpg; name the "
                      "column of scans with data.chexpert.key");
    }
    patients.push_back(patient_of_key(keys[row]));
  }
  rows_by_key(table, patients);
  return rows_by_key(table, keys);
}

void leave_out_unlisted(const TextTable& table, const Names& keys, const std::vector<bool>& listed,
                        bool skip_unlisted, LeftOutList& left_out) {
  for (size_t row = 0; row < keys.size(); ++row) {
    if (listed[row]) continue;
    if (!skip_unlisted) {
      throw DataError(table.where(row) + keys[row] +
                      " is no frontal scan of train.csv or valid.csv; expected scans that they list; correct "
                      "the line, or leave such lines out with data.skip_unreadable=true");
    }
    left_out.add("scans that " + file_name_of(table) + " names and neither train.csv nor valid.csv has",
                 keys[row]);
  }
}

struct JoinedTable {
  const TextTable* table;
  std::vector<std::optional<size_t>> row_of_scan;  // nothing: no row about the scan or its patient
  bool is_used = false;
};

JoinedTable joined_to_scans(const TextTable& table, const std::string& key, const Names& scans) {
  const RowOfKey rows = rows_by_key(table, keys_of_rows(table, key));
  JoinedTable joined{.table = &table, .row_of_scan = {}};
  for (const auto& scan : scans) {
    auto found = rows.find(scan);
    if (found == rows.end()) found = rows.find(patient_of_key(scan));
    joined.row_of_scan.push_back(found == rows.end() ? std::nullopt : std::optional(found->second));
  }
  return joined;
}

/// Values of column `c` for all scans: int64 [scans], 0, 1 or kUnknown.
at::Tensor values_of_scans(const JoinedTable& joined, size_t c, const Binarisation& binarisation) {
  const TextColumn& column = joined.table->columns[c];
  const auto of_text = binary_values(*joined.table, column, binarisation);
  std::vector<int64_t> values;
  for (const auto& row : joined.row_of_scan) values.push_back(row ? of_text[column.codes()[*row]] : kUnknown);
  return at::tensor(values, at::kLong);
}

/// Remark: "race is from a.csv, not b.csv".
std::string precedence_remark(const std::string& column, const std::vector<JoinedTable*>& holders) {
  Names others;
  for (size_t i = 1; i < holders.size(); ++i) others.push_back(file_name_of(*holders[i]->table));
  return column + " is from " + file_name_of(*holders.front()->table) + ", not " + join_or(others);
}

/// Remark: "che_pm_meta.csv knows 40 of 50 scans".
std::string coverage_remark(const JoinedTable& joined) {
  const auto& rows = joined.row_of_scan;
  const auto known = std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row.has_value(); });
  return file_name_of(*joined.table) + " knows " + std::to_string(known) + " of " +
         std::to_string(rows.size()) + " scans" + (joined.is_used ? "" : ", and no column of it is used");
}

/// The tables that have a column. Throws ConfigError if none has it, unless it is the setting's default.
std::vector<JoinedTable*> holders_of(const Binarisation& binarisation, const std::string& column,
                                     std::vector<JoinedTable>& tables) {
  std::vector<JoinedTable*> holders;
  std::vector<const TextTable*> all;
  for (auto& joined : tables) {
    all.push_back(joined.table);
    if (joined.table->find_column({column})) holders.push_back(&joined);
  }
  if (holders.empty() && column != ChexpertConfig().*binarisation.column)
    fail_absent_column(binarisation.setting, column, all);
  return holders;
}

}  // namespace

ChexpertTables read_chexpert_tables(const ChexpertConfig& config, const std::vector<fs::path>& folders) {
  ChexpertTables tables;
  if (!config.scans.empty()) tables.scans = read_named_table(config.scans, folders, config, "scans");
  tables.extra = read_joined_tables(config, folders);
  check_key(config.key, tables);
  return tables;
}

std::string scan_or_patient(std::string path) {
  constexpr std::string_view kPatient = "patient";
  std::replace(path.begin(), path.end(), '\\', '/');
  size_t at = path.find(kPatient);
  while (at != std::string::npos && !is_digit(path[at + kPatient.size()])) at = path.find(kPatient, at + 1);
  if (at == std::string::npos) return "";
  const fs::path below = path.substr(at);
  const std::string text = below.string();
  const bool is_scan = text.find("/study") != std::string::npos && text.find("/view") != std::string::npos;
  return is_scan ? (below.parent_path() / below.stem()).string()
                 : text.substr(0, text.find_first_not_of("0123456789", kPatient.size()));
}

ChosenScans scans_of_table(const TextTable& table, const DataConfig& config, const Names& names,
                           LeftOutList& left_out) {
  if (table.rows() == 0) throw DataError(table.path.string() + ": a header alone; expected rows below it");
  const Names keys = keys_of_rows(table, config.chexpert.key);
  const RowOfKey row_of_scan = rows_by_scan(table, keys);
  const auto split = table.find_column({kSplitColumn}, /*ignore_case=*/true);
  const auto splits = split ? splits_of_column(table, table.columns[*split]) : GivenSplits(table.rows());
  const std::string file = file_name_of(table);
  ChosenScans chosen{.scans = {},
                     .splits = {},
                     .division = split ? "divided by column split of " + file : "",
                     .remark = "one frontal scan of each patient, those of " + file};
  std::vector<bool> listed(table.rows(), false);
  for (size_t i = 0; i < names.size(); ++i) {
    const auto found = row_of_scan.find(scan_or_patient(names[i]));
    if (found == row_of_scan.end() || listed[found->second]) {
      const bool again = found != row_of_scan.end();
      left_out.add_minor(again ? "scans listed again" : "scans that " + file + " does not name", names[i]);
      continue;
    }
    listed[found->second] = true;
    chosen.scans.push_back(i);
    chosen.splits.push_back(splits[found->second]);
  }
  leave_out_unlisted(table, keys, listed, config.skip_unreadable, left_out);
  return chosen;
}

TableAttributes join_chexpert_tables(const std::vector<TextTable>& tables, const ChexpertConfig& config,
                                     const Names& names) {
  Names scans;
  for (const auto& name : names) scans.push_back(scan_or_patient(name));
  std::vector<JoinedTable> joined;
  for (const auto& table : tables) joined.push_back(joined_to_scans(table, config.key, scans));
  TableAttributes attributes;
  std::vector<at::Tensor> values;
  for (const auto& binarisation : chexpert_binarisations()) {
    const std::string& column = config.*binarisation.column;
    const auto holders =
        column.empty() ? std::vector<JoinedTable*>() : holders_of(binarisation, column, joined);
    if (holders.empty()) continue;
    JoinedTable& first = *holders.front();
    first.is_used = true;
    values.push_back(values_of_scans(first, *first.table->find_column({column}), binarisation));
    attributes.table.names.push_back(binarisation.attribute);
    if (holders.size() > 1) attributes.remarks.push_back(precedence_remark(column, holders));
  }
  attributes.table.value_names.resize(attributes.table.names.size());
  attributes.table.values =
      values.empty() ? at::empty({std::ssize(names), 0}, at::kLong) : at::stack(values, 1);
  for (const auto& table : joined) attributes.remarks.push_back(coverage_remark(table));
  return attributes;
}

}  // namespace patronus
