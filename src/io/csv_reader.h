#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace patronus {

/// Splits a table's text into rows of fields and tracks line numbers. Quoted fields, with optional blanks
/// around them, may contain separators, quotes and line breaks. Lines end with LF, CR LF or CR; empty ones
/// are skipped.
class CsvReader {
 public:
  /// `text` must outlive the reader.
  CsvReader(const std::filesystem::path& path, std::string_view text, char separator = ',');

  bool at_end() const { return rest_.empty(); }
  /// Fields of the next row. Throws DataError with file:line for malformed quotes.
  std::vector<std::string> next_row();
  /// Line in which the last row began.
  size_t row_line() const { return row_line_; }
  /// Throws a DataError about the last row.
  [[noreturn]] void fail_row(const std::string& what) const { fail(row_line_, what); }
  /// Throws a DataError because the last row has a different number of fields than the header.
  [[noreturn]] void fail_length(size_t fields, size_t of_header) const;

 private:
  std::string next_field();
  /// Text up to the next separator or line end.
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
