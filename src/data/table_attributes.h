#pragma once
#include <optional>
#include <string>
#include <vector>

#include "patronus/data/attribute_table.h"
#include "patronus/data/data_config.h"
#include "patronus/data/data_report.h"
#include "patronus/io/text_table.h"

namespace patronus {

/// The finite number that a text is, also with a plus sign in front.
std::optional<double> number_from(const std::string& text);

/// Whether a cell, in lower case, says that its value is not known; "none" says something beside other words.
bool is_unknown_word(const std::string& lower);

/// 1, 0 or -1, of a word in lower case or a number that answers yes or no.
std::optional<int> flag_from(const std::string& lower);

/// Columns of a table as attributes.
struct TableAttributes {
  AttributeTable table;              // of all rows
  std::vector<std::string> remarks;  // "sex: 1 is male", "-1 is 0", "glasses: None is a value"
  LeftOutList left_out;              // columns
};

/// Columns of a table that a configuration asks for.
struct WantedColumns {
  std::vector<std::string> attributes = {};  // empty for all columns
  std::vector<std::string> mentioned = {};   // words of data.where, some of which may be columns

  bool has(const std::string& column) const;
};
WantedColumns wanted_columns(const DataConfig& config);

/// Whether a column, of which more rows may follow, has more than 100 values already, as those of names,
/// notes and measurements have: unless it is wanted it is left out.
bool has_too_many_values(const TextColumn& column);

/// How -1 is read beside 0 and 1.
enum class MinusOne {
  kAsTableSays,  // as unknown in a table that has a column of all three, else as 0 (CelebA's way)
  kUnknown
};

/// Makes attributes of the columns of these names. Of a cell's text:
/// - nothing, nan, NA, N/A, null, unknown and "?", in any capitalisation, are unknown;
/// - so is none in a column whose other cells are answers and numbers; beside other words it is one of them,
///   as a remark says (FFHQ-Aging's "glasses": None, Normal, Dark);
/// - where a column holds nothing else, 1, true, yes, y, t are 1, 0, false, no, n, f are 0, -1 is read as
///   MinusOne says, and u is unknown;
/// - otherwise the different numbers, or words, of a column are its values in ascending order: of two the
///   second one is 1.
/// Left out are columns that are not `wanted`, columns without a name (an index that a data frame left) and,
/// unless `wanted` names them, columns with more than 100 values or another one in every row.
TableAttributes attributes_of_columns(const TextTable& table, const std::vector<size_t>& columns,
                                      const WantedColumns& wanted,
                                      MinusOne minus_one = MinusOne::kAsTableSays);

}  // namespace patronus
