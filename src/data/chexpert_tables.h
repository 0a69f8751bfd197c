#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/division.h"
#include "data/table_attributes.h"
#include "patronus/data/data_config.h"
#include "patronus/data/data_report.h"
#include "patronus/io/text_table.h"

namespace patronus {

/// Tables besides CheXpert's own train.csv and valid.csv.
struct ChexpertTables {
  std::optional<TextTable> scans;  // data.chexpert.scans
  std::vector<TextTable> extra;    // data.chexpert.tables
};

/// Reads each table from the first of `folders` that has it. If data.chexpert.tables is empty, reads
/// df_chexpert_plus_240401.csv and che_pm_meta.csv if they exist. Throws DataError if a named table does not
/// exist; ConfigError if no table has the column that data.chexpert.key names.
ChexpertTables read_chexpert_tables(const ChexpertConfig& config,
                                    const std::vector<std::filesystem::path>& folders);

/// Key of the scan or patient in a path, regardless of the folders before it and of the extension:
/// "patient00001/study1/view1_frontal" for a scan, "patient00001" for any other text with a patient in it;
/// empty if there is none.
std::string scan_or_patient(std::string path);

/// The scans of a list that are used.
struct ChosenScans {
  std::vector<size_t> scans;  // [n], ascending indices into the list
  GivenSplits splits;         // [n]
  std::string division;       // source of `splits`; empty if nothing divides the scans
  std::string remark;         // how the scans were chosen
};

/// Chooses those of the frontal scans `names` that `table` names, in the splits of its column `split`, if it
/// has one; leaves out the others. Throws DataError with the line for a row that names none of them (leaves
/// it out instead with data.skip_unreadable), and for a patient that is named without a scan or with several.
ChosenScans scans_of_table(const TextTable& table, const DataConfig& config,
                           const std::vector<std::string>& names, LeftOutList& left_out);

/// The paper's binary attributes (C.4) of the scans `names`, from the columns of `tables` that `config`
/// names: int64 [names, attributes]; unknown if no row is about the scan or its patient. If several tables
/// have a column, the first one is used. Throws DataError with the line for a scan or patient that a table
/// has twice, and for a cell that is not a value of its column; ConfigError for a column that no table has,
/// unless it is the setting's default.
TableAttributes join_chexpert_tables(const std::vector<TextTable>& tables, const ChexpertConfig& config,
                                     const std::vector<std::string>& names);

}  // namespace patronus
