#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "patronus/data/data_config.h"
#include "patronus/io/text_table.h"

namespace patronus {

/// How a column of a table beside CheXpert's becomes an attribute of 0 and 1.
struct Binarisation {
  std::string setting;                  // below data.chexpert
  std::string ChexpertConfig::*column;  // the setting's value: the column's name
  std::string attribute;
  std::optional<bool> (*holds)(const std::string& lower);  // nothing for a text that is no value
  std::string expected;                                    // of a cell, for messages
};

/// Those of the paper (C.4): race, ethnicity, insurance, interpreter, deceased, BMI and pacemaker.
const std::vector<Binarisation>& chexpert_binarisations();

/// What each of the column's different texts stands for: 0, 1 or kUnknown, as of blanks, "unknown", "refused"
/// and "declined". DataError with the line for a text that is no value of the column.
std::vector<int64_t> binary_values(const TextTable& table, const TextColumn& column,
                                   const Binarisation& binarisation);

}  // namespace patronus
