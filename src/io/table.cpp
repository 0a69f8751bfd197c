#include "patronus/io/table.h"

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "patronus/core/error.h"
#include "patronus/io/atomic_file.h"

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

/// Splits CSV text into rows and knows the line it is at.
class CsvReader {
 public:
  CsvReader(const fs::path& path, std::string_view text) : path_(path), rest_(text) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // written by spreadsheets
    if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
    skip_empty_lines();
  }

  bool at_end() const { return rest_.empty(); }
  size_t row_line() const { return row_line_; }

  std::vector<std::string> next_row() {
    row_line_ = line_;
    std::vector<std::string> row{next_field()};
    while (take(',')) row.push_back(next_field());
    if (!take_line_end() && !at_end())
      fail(line_, "text after a closing quote; expected a comma or a line end");
    skip_empty_lines();
    return row;
  }

  /// Throws about the row read last.
  [[noreturn]] void fail_row(const std::string& what) const { fail(row_line_, what); }

 private:
  std::string next_field() {
    if (take('"')) return rest_of_quoted_field();
    const std::string field(rest_.substr(0, rest_.find_first_of(",\r\n")));
    rest_.remove_prefix(field.size());
    return field;
  }

  std::string rest_of_quoted_field() {
    const size_t first_line = line_;
    std::string field;
    while (!at_end()) {
      if (take('"')) {
        if (!take('"')) return field;
        field += '"';  // written twice inside a field
        continue;
      }
      field += rest_.front();
      line_ += rest_.front() == '\n';
      rest_.remove_prefix(1);
    }
    fail(first_line, "a quoted field is not closed; add the missing \"");
  }

  bool take(char c) {
    if (at_end() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool take_line_end() {
    const bool taken = take('\r') ? (take('\n'), true) : take('\n');
    line_ += taken;
    return taken;
  }

  void skip_empty_lines() {
    while (take_line_end()) {
    }
  }

  [[noreturn]] void fail(size_t line, const std::string& what) const {
    throw DataError(path_.string() + ":" + std::to_string(line) + ": " + what);
  }

  const fs::path& path_;
  std::string_view rest_;
  size_t line_ = 1;
  size_t row_line_ = 1;
};

}  // namespace

size_t Table::column(const std::string& name) const {
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found != columns.end()) return static_cast<size_t>(found - columns.begin());
  throw DataError("no column '" + name + "'; expected one of " + join(columns) + did_you_mean(name, columns));
}

void write_csv(const fs::path& path, const Table& table) {
  std::string text;
  append_row(text, table.columns);
  for (const auto& row : table.rows) append_row(text, row);
  write_file(path, text);
}

Table read_csv(const fs::path& path) {
  const std::string text = read_file(path);
  CsvReader reader(path, text);
  if (reader.at_end()) throw DataError(path.string() + ": the file is empty; expected a header line");
  Table table{.columns = reader.next_row(), .rows = {}};
  while (!reader.at_end()) {
    table.rows.push_back(reader.next_row());
    table.lines.push_back(reader.row_line());
    const size_t fields = table.rows.back().size();
    if (fields != table.columns.size()) {
      reader.fail_row(std::to_string(fields) + " fields; expected " + std::to_string(table.columns.size()) +
                      " as in the header");
    }
  }
  return table;
}

std::string decimal(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.7g", value);
  return text;
}

std::string fixed(double value, int digits) {
  char text[350];  // the largest double has 309 digits before the point
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string padded(int64_t number, int digits) {
  char text[40];
  std::snprintf(text, sizeof text, "%0*lld", digits, static_cast<long long>(number));
  return text;
}

}  // namespace patronus
