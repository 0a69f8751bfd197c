#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace patronus {

/// Splits the text of a table into rows of fields and knows the line that it is at. Quoted fields, which
/// blanks may stand around, may hold separators, quotes and line breaks; lines end with LF, CR LF or CR;
/// empty lines are skipped.
class CsvReader {
 public:
  /// `text` must outlive the reader.
  CsvReader(const std::filesystem::path& path, std::string_view text, char separator = ',');

  bool at_end() const { return rest_.empty(); }
  /// The fields of the next row. DataError with file:line for broken quotes.
  std::vector<std::string> next_row();
  /// The line that this row began in.
  size_t row_line() const { return row_line_; }
  /// Throws a DataError about the row read last.
  [[noreturn]] void fail_row(const std::string& what) const { fail(row_line_, what); }
  /// The same of its number of fields, where the header has another.
  [[noreturn]] void fail_length(size_t fields, size_t of_header) const;

 private:
  std::string next_field();
  /// Up to the next separator or line end.
  std::string_view rest_of_cell() const;
  std::string rest_of_quoted_field();
  bool take(char c);
  bool take_line_end();
  void skip_empty_lines();
  [[noreturn]] void fail(size_t line, const std::string& what) const;

  std::filesystem::path path_;
  std::string_view rest_;
  char separator_;
  size_t line_ = 1;
  size_t row_line_ = 1;
};

}  // namespace patronus
