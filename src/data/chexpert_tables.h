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

/// The tables that lie beside CheXpert's own train.csv and valid.csv.
struct ChexpertTables {
  std::optional<TextTable> scans;  // data.chexpert.scans
  std::vector<TextTable> joined;   // data.chexpert.tables
};

/// Reads each table from the first of `folders` that has it; where data.chexpert.tables is empty,
/// df_chexpert_plus_240401.csv and che_pm_meta.csv if they are there. DataError for a table that is named and
/// not there; ConfigError where no table has the column that data.chexpert.key names.
ChexpertTables read_chexpert_tables(const ChexpertConfig& config,
                                    const std::vector<std::filesystem::path>& folders);

/// What a path is of, whatever lies before the patient and whatever its ending:
/// "patient00001/study1/view1_frontal" of a scan, "patient00001" of other text with a patient in it, and
/// nothing of the rest.
std::string scan_or_patient(std::string path);

/// Scans that are used, of a list of them.
struct ChosenScans {
  std::vector<size_t> scans;  // [n], ascending places in the list
  GivenSplits splits;         // [n]
  std::string division;       // where `splits` are from; empty where nothing divides the scans
  std::string remark;         // how they were chosen
};

/// Those of the frontal scans `names` that `table` names, in the splits that its column `split` says, if it
/// has one. The others are left out as a matter of course. DataError with the line for a row that names none
/// of them, which data.skip_unreadable leaves out instead, and for a patient that is named twice or without a
/// scan.
ChosenScans scans_of_table(const TextTable& table, const DataConfig& config,
                           const std::vector<std::string>& names, LeftOutList& left_out);

/// The paper's two-valued attributes (C.4) of the scans `names`, from the columns of `tables` that
/// `config` names: int64 [names, attributes], unknown where no row is of the scan or its patient. Of two
/// tables with a column the first gives it. DataError with the line for a scan or patient that is in a table
/// twice, and for a cell that is no value of its column; ConfigError for a column that is not there, unless
/// it is the setting's default.
TableAttributes join_chexpert_tables(const std::vector<TextTable>& tables, const ChexpertConfig& config,
                                     const std::vector<std::string>& names);

}  // namespace patronus
