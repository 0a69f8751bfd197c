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

/// Value for `RecordField::is_signed`: Markdown shows + before non-negative numbers.
constexpr bool kSigned = true;

/// Types of values in records.
using RecordValue =
    std::variant<bool, int64_t, double, std::string, Estimate, MeanOver, std::vector<int64_t>, Box>;

/// One value of a result and its formatting. Numbers that are not finite are unknown.
struct RecordField {
  // JSON key ("dci.completeness" nests) and CSV column; empty: shown in Markdown only.
  std::string key;
  RecordValue value;
  std::string head{};      // Markdown column; empty: not shown there
  int digits = 3;          // decimals in Markdown
  bool is_signed = false;  // kSigned, in Markdown
  bool is_known = true;    // if false: left out of JSON, empty in CSV, "-" in Markdown
};

/// A result as a list of fields, which JSON, CSV and Markdown format in their own ways:
///
/// | value              | JSON                        | CSV                 | Markdown         |
/// | bool               | true                        | 1                   | yes              |
/// | number             | all digits, null            | seven digits, empty | `digits`, -      |
/// | Estimate           | {"value", "low", "high"}    | x, x_low, x_high    | 0.6 (0.5 to 0.7) |
/// | MeanOver           | {"mean", "sd", over}, null  | x, x sd             | 0.6 ± 0.1, under |
/// |                    |                             |                     | x (± sd over ..) |
/// | list of integers   | [3, 17]                     | 3 17                | 3, 17            |
/// | Box                | [row0, row1, col0, col1]    | row0, ... of any x  | 0, 8, 4, 12      |
using Record = std::vector<RecordField>;

/// A column shown in Markdown only, for text whose data files use another form.
RecordField shown(const std::string& head, const std::string& text);

/// Sets whether all of these fields are known.
Record known_if(bool is_known, Record fields);

/// Appends the fields of `more` to `record`.
Record concat(Record record, const Record& more);

/// `make(item)` of each item of `range`.
template <class Range, class Make>
std::vector<Record> records_of(const Range& range, Make make) {
  std::vector<Record> records;
  for (const auto& item : range) records.push_back(make(item));
  return records;
}

Json record_json(const Record& record);
/// A JSON array; empty without records.
Json records_json(const std::vector<Record>& records);

/// Table with one row per record. All records have the same fields; `fields` defines them if there are none.
Table record_table(const std::vector<Record>& records, const Record& fields = {});

/// Markdown table with one row per record and one column per field with a head; empty without records.
std::string record_markdown(const std::vector<Record>& records);

/// Table of a matrix [rows, columns] with the prototypes of its rows and columns. `corner`: head of the first
/// column.
Table matrix_table(const std::string& corner, const std::vector<int64_t>& rows,
                   const std::vector<int64_t>& columns, const at::Tensor& numbers);

/// Formats a number: "0.61", or "-" if unknown.
std::string number_text(double value, int digits, bool is_signed = false);
/// Formats an estimate: "0.61 (0.52 to 0.70)", "0.61" without an interval, or "-" if unknown.
std::string estimate_text(const Estimate& estimate, int digits, bool is_signed = false);

}  // namespace patronus
