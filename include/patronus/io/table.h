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

  /// Column number of `name`; a DataError lists the columns there are, with a near name.
  size_t column(const std::string& name) const;
};

/// Writes atomically; lines end with a plain newline, as pandas and awk write them.
void write_csv(const std::filesystem::path& path, const Table& table);

/// Writes one row of a file.
using AddRow = std::function<void(const std::vector<std::string>& cells)>;

/// Writes a table that is too large to hold as the function above does: `rows` gives its rows one after the
/// other, each as long as `columns`.
void write_csv(const std::filesystem::path& path, const std::vector<std::string>& columns,
               const std::function<void(const AddRow& add)>& rows);

/// Reads a CSV file with a header line; quoted fields may hold commas, quotes and line breaks, lines may end
/// with CR LF, empty lines are skipped. DataError with file:line for rows of another length and for broken
/// quotes.
Table read_csv(const std::filesystem::path& path);

/// A number in a cell: seven digits, or an empty cell where it is not known (not finite).
std::string number_cell(double value);

}  // namespace patronus
