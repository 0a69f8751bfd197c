#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "patronus/data/data_config.h"
#include "patronus/io/text_table.h"

namespace patronus {

/// Conversion of a column of a further table to an attribute with values 0 and 1.
struct Binarisation {
  std::string setting;                  // name of the setting, without data.chexpert.
  std::string ChexpertConfig::*column;  // value of the setting: the column's name
  std::string attribute;
  // Value of a cell in lower case; nothing if it is not a value of the column.
  std::optional<bool> (*holds)(const std::string& lower);
  std::string expected;  // description of valid cells, for messages
};

/// The conversions of the paper (C.4): race, ethnicity, insurance, interpreter, deceased, BMI and pacemaker.
const std::vector<Binarisation>& chexpert_binarisations();

/// Value of each distinct cell of a column: 0, 1, or kUnknown for blanks and for cells that say unknown,
/// refused or declined. Throws DataError with the line for a cell that is not a value of the column.
std::vector<int64_t> binary_values(const TextTable& table, const TextColumn& column,
                                   const Binarisation& binarisation);

}  // namespace patronus
