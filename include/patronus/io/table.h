#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace patronus {

/// A table that is written as CSV (RFC 4180 quoting).
struct Table {
  std::vector<std::string> columns{};
  std::vector<std::vector<std::string>> rows{};

  /// Index of the column `name`. Throws DataError with the existing columns and a near name if it is missing.
  size_t column(const std::string& name) const;
};

/// Writes a CSV file atomically; lines end with a plain newline, as with pandas and awk.
void write_csv(const std::filesystem::path& path, const Table& table);

/// Writes one row of a file.
using AddRow = std::function<void(const std::vector<std::string>& cells)>;

/// Writes a table too large for memory in the same way: `rows` passes its rows to `add` one by one, each as
/// long as `columns`.
void write_csv(const std::filesystem::path& path, const std::vector<std::string>& columns,
               const std::function<void(const AddRow& add)>& rows);

/// Reads a CSV file with a header line. Quoted fields may contain commas, quotes and line breaks; lines may
/// end with CR LF; empty lines are skipped. Throws DataError with file:line for rows of another length and
/// for broken quotes.
Table read_csv(const std::filesystem::path& path);

/// Formats a number for a cell with seven digits; an empty cell if it is not finite.
std::string number_cell(double value);

}  // namespace patronus
