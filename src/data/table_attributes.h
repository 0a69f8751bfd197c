#pragma once
#include <optional>
#include <string>
#include <vector>

#include "patronus/data/attribute_table.h"
#include "patronus/data/data_config.h"
#include "patronus/data/data_report.h"
#include "patronus/io/text_table.h"

namespace patronus {

/// Parses a finite number, which may have a plus sign; nothing if `text` is not one.
std::optional<double> parse_signed_number(const std::string& text);

/// Whether a cell, in lower case, means that its value is unknown. "none" does, except in columns of words
/// (`attributes_of_columns`).
bool is_unknown_word(const std::string& lower);

/// Parses a yes-or-no flag in lower case, a word or number: 1, 0 or -1; nothing if it is not one.
std::optional<int> parse_flag(const std::string& lower);

/// Attributes read from the columns of a table.
struct TableAttributes {
  AttributeTable table;              // one row per row of the text table
  std::vector<std::string> remarks;  // "sex: 1 is male", "-1 is 0", "glasses: None is a value"
  LeftOutList left_out;              // columns left out
};

/// Columns that a configuration requests.
struct WantedColumns {
  std::vector<std::string> attributes = {};  // data.attributes; empty: all columns
  std::vector<std::string> mentioned = {};   // names and values in data.where, some of which may be columns

  bool has(const std::string& column) const;
};
WantedColumns wanted_columns(const DataConfig& config);

/// Whether a column, as read so far, has more than 100 values, as names, notes and measurements do. Such a
/// column is left out unless requested.
bool has_too_many_values(const TextColumn& column);

/// Meaning of -1 in columns of flags.
enum class MinusOne {
  // Unknown if a column of the table has 1, 0 and -1; else 0, in columns without 0 (as in CelebA).
  kAsTableSays,
  kUnknown
};

/// Converts the columns with the indices `columns` to attributes. Cells, ignoring case:
/// - Blank, nan, NA, N/A, #N/A, <NA>, null, unknown and "?" are unknown.
/// - "none" is unknown in a column of flags or numbers. Beside other words it is a value like them, with a
///   remark (FFHQ-Aging's "glasses": None, Normal, Dark).
/// - In a column of flags alone, 1, true, yes, y and t are 1; 0, false, no, n and f are 0; -1 is read
///   according to `minus_one`; u is unknown.
/// - Otherwise the distinct numbers or words of a column are its values, in ascending order: of two, the
///   second is 1.
/// If `wanted.attributes` is not empty and all of them are among these columns, skips columns that are not
/// `wanted`. Leaves out columns without a name (such as an index from a data frame) and, unless they are
/// `wanted`, columns with more than 100 values or with a different one in every row (of 10 or more).
TableAttributes attributes_of_columns(const TextTable& table, const std::vector<size_t>& columns,
                                      const WantedColumns& wanted,
                                      MinusOne minus_one = MinusOne::kAsTableSays);

}  // namespace patronus
