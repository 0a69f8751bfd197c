#include "patronus/io/table.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string_view>

#include "io/csv_reader.h"
#include "patronus/core/error.h"
#include "patronus/core/text.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/text_encoding.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

std::string quoted_if_needed(const std::string& field, bool alone) {
  const bool looks_like_no_row = alone && field.empty();
  if (!looks_like_no_row && field.find_first_of(",\"\r\n") == std::string::npos) return field;
  std::string quoted = "\"";
  for (const char c : field) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

void append_row(std::string& text, const std::vector<std::string>& row) {
  for (size_t i = 0; i < row.size(); ++i) {
    if (i > 0) text += ',';
    text += quoted_if_needed(row[i], row.size() == 1);
  }
  text += '\n';
}

}  // namespace

size_t Table::column(const std::string& name) const {
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found != columns.end()) return static_cast<size_t>(found - columns.begin());
  throw DataError("no column '" + name + "'; found " + join(columns) + did_you_mean(name, columns));
}

void write_csv(const fs::path& path, const std::vector<std::string>& columns,
               const std::function<void(const AddRow& add)>& rows) {
  write_atomically(path, [&](const fs::path& temporary) {
    std::ofstream file;
    file.exceptions(std::ios::badbit | std::ios::failbit);
    file.open(temporary, std::ios::binary);
    std::string line;
    const AddRow add = [&](const std::vector<std::string>& cells) {
      line.clear();
      append_row(line, cells);
      file << line;
    };
    add(columns);
    rows(add);
    file.close();
  });
}

void write_csv(const fs::path& path, const Table& table) {
  write_csv(path, table.columns, [&](const AddRow& add) {
    for (const auto& row : table.rows) add(row);
  });
}

Table read_csv(const fs::path& path) {
  std::string text = read_file(path);
  remove_byte_order_mark(text);
  CsvReader reader(path, text);
  if (reader.at_end()) throw DataError(path.string() + ": the file is empty; expected a header line");
  Table table{.columns = reader.next_row(), .rows = {}};
  while (!reader.at_end()) {
    table.rows.push_back(reader.next_row());
    const size_t fields = table.rows.back().size();
    if (fields != table.columns.size()) reader.fail_length(fields, table.columns.size());
  }
  return table;
}

std::string number_cell(double value) {
  return std::isfinite(value) ? format_float(value) : "";
}

}  // namespace patronus
