#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "patronus/io/json_text.h"
#include "patronus/io/table.h"
#include "patronus/metrics/bootstrap.h"
#include "patronus/metrics/mean_over.h"
#include "patronus/models/receptive_field.h"

namespace patronus {

/// For `RecordField::is_signed`: Markdown puts + before a number that is not negative.
constexpr bool kSigned = true;

/// What a result holds under one name.
using RecordValue =
    std::variant<bool, int64_t, double, std::string, Estimate, MeanOver, std::vector<int64_t>, Box>;

/// One value of a result, with how it is shown. Numbers that are not finite are not known.
struct RecordField {
  // In JSON, where "dci.completeness" nests, and of the CSV column; empty: in Markdown alone.
  std::string key;
  RecordValue value;
  std::string head{};      // of the Markdown column; empty: not there
  int digits = 3;          // after the point, in Markdown
  bool is_signed = false;  // kSigned, in Markdown
  bool is_known = true;    // otherwise left out of JSON, empty in CSV, "-" in Markdown
};

/// A result told once, field by field; JSON, CSV and Markdown each write it in their own way:
///
/// | value              | JSON                        | CSV                 | Markdown         |
/// | bool               | true                        | 1                   | yes              |
/// | number             | all digits, null            | seven digits, empty | `digits`, -      |
/// | Estimate           | {"value", "low", "high"}    | x, x_low, x_high    | 0.6 (0.5 to 0.7) |
/// | MeanOver           | {"mean", "sd", over}, null  | x, x sd             | 0.6 ± 0.1        |
/// | list of integers   | [3, 17]                     | 3 17                | 3, 17            |
/// | Box                | [row0, row1, col0, col1]    | row0, ... of any x  | 0, 8, 4, 12      |
using Record = std::vector<RecordField>;

/// A column of Markdown alone, for texts that files for programs hold in another form.
RecordField shown(const std::string& head, const std::string& text);

/// The fields, all known or none.
Record known_if(bool is_known, Record fields);

/// `record` with the fields of `more` behind it.
Record concat(Record record, const Record& more);

Json record_json(const Record& record);
/// An array, empty of none.
Json records_json(const std::vector<Record>& records);

/// A row a record; all have the same fields, which `fields` names where there are no records.
Table record_table(const std::vector<Record>& records, const Record& fields = {});

/// A table with a row a record and a column a field that has a head; empty of none.
std::string record_markdown(const std::vector<Record>& records);

/// The numbers of a matrix, [rows, columns], with the prototypes that its rows and columns belong to.
/// `corner`: the head of the first column, of the rows' prototypes.
Table matrix_table(const std::string& corner, const std::vector<int64_t>& rows,
                   const std::vector<int64_t>& columns, const at::Tensor& numbers);

/// "0.61", or "-" where it is not known.
std::string number_text(double value, int digits, bool is_signed = false);
/// "0.61 (0.52 to 0.70)", or "-" where it is not known.
std::string estimate_text(const Estimate& estimate, int digits, bool is_signed = false);

}  // namespace patronus
