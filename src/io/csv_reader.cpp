#include "io/csv_reader.h"

#include "patronus/core/error.h"
#include "patronus/core/text.h"

namespace patronus {

CsvReader::CsvReader(const std::filesystem::path& path, std::string_view text, char separator)
    : path_(path), rest_(text), separator_(separator) {
  skip_empty_lines();
}

std::vector<std::string> CsvReader::next_row() {
  row_line_ = line_;
  std::vector<std::string> row{next_field()};
  while (take(separator_)) row.push_back(next_field());
  if (!take_line_end() && !at_end())
    fail(line_, "text after a closing quote; expected a separator or a line end");
  skip_empty_lines();
  return row;
}

std::string CsvReader::next_field() {
  const auto field = rest_of_cell();
  const bool is_quoted = trim(field).starts_with('"');
  rest_.remove_prefix(is_quoted ? field.find('"') + 1 : field.size());
  if (!is_quoted) return std::string(field);
  std::string quoted = rest_of_quoted_field();
  if (const auto after = rest_of_cell(); trim(after).empty()) rest_.remove_prefix(after.size());
  return quoted;
}

std::string_view CsvReader::rest_of_cell() const {
  const char ends[] = {separator_, '\r', '\n'};
  return rest_.substr(0, rest_.find_first_of({ends, sizeof ends}));
}

std::string CsvReader::rest_of_quoted_field() {
  const size_t first_line = line_;
  std::string field;
  while (!at_end()) {
    if (take('"')) {
      if (!take('"')) return field;
      field += '"';  // a doubled quote stands for one
      continue;
    }
    field += rest_.front();
    line_ += rest_.front() == '\n';
    rest_.remove_prefix(1);
  }
  fail(first_line, "a quoted field is not closed; add the missing \"");
}

bool CsvReader::take(char c) {
  if (at_end() || rest_.front() != c) return false;
  rest_.remove_prefix(1);
  return true;
}

bool CsvReader::take_line_end() {
  const bool taken = take('\r') ? (take('\n'), true) : take('\n');
  line_ += taken;
  return taken;
}

void CsvReader::skip_empty_lines() {
  while (take_line_end()) {
  }
}

void CsvReader::fail_length(size_t fields, size_t of_header) const {
  fail_row(pluralize(static_cast<int64_t>(fields), "field") + "; expected " + std::to_string(of_header) +
           " as in the header");
}

void CsvReader::fail(size_t line, const std::string& what) const {
  throw DataError(path_.string() + ":" + std::to_string(line) + ": " + what);
}

}  // namespace patronus
