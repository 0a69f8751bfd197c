#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace patronus {

/// A column stored as its distinct cells, which are few even in long tables, and their codes.
class TextColumn {
 public:
  std::string name;

  void append(std::string_view cell);
  /// The distinct cells, in order of first appearance.
  const std::vector<std::string>& texts() const { return texts_; }
  /// For each row, the index of its cell in `texts`.
  const std::vector<int32_t>& codes() const { return codes_; }
  const std::string& cell(size_t row) const { return texts_[codes_[row]]; }
  /// The code of a cell text; nothing if it does not occur.
  std::optional<int32_t> code_of(std::string_view cell) const;
  /// The first row with this code.
  size_t first_row(int32_t code) const;

 private:
  std::vector<std::string> texts_;
  std::vector<int32_t> codes_;
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_map<std::string, int32_t, Hash, std::equal_to<>> code_of_;
};

/// A text table as read by read_text_table.
struct TextTable {
  std::filesystem::path path;
  size_t header_line = 1;
  std::vector<TextColumn> columns;
  std::vector<size_t> lines;  // line in the file at which each row begins, for messages

  size_t rows() const { return lines.size(); }
  /// Whether the cells of a column are stored; false if only its name is.
  bool is_stored(const TextColumn& column) const { return column.codes().size() == rows(); }
  /// Index of the column with the first of `names` that exists, optionally ignoring case; nothing if there is
  /// none.
  std::optional<size_t> find_column(const std::vector<std::string>& names, bool ignore_case = false) const;
  /// Position of a row as a message prefix, "<path>:<line>: ".
  std::string where(size_t row) const { return where_line(lines[row]); }
  /// Position of the header as a message prefix.
  std::string where_header() const { return where_line(header_line); }
  /// Position of a line as a message prefix.
  std::string where_line(size_t line) const;
  /// Throws DataError because `row` names the same thing as row `first`.
  [[noreturn]] void fail_repeated(size_t row, size_t first, const std::string& name) const;
};

/// Reads a table with a header line. Fields are separated by commas, semicolons or tabs, whichever is most
/// frequent in the header, which a line "sep=;" may precede; quoted as in CSV; UTF-8 or, with a byte order
/// mark, UTF-16; blanks around cells are removed. Throws DataError with file:line for rows of another length,
/// repeated column names, broken quotes, and comments. Of a column that `wants` rejects, such as one with
/// long texts, only the name is kept; `wants` is called before the first row, and again, with the column so
/// far, whenever its number of distinct cells has doubled.
TextTable read_text_table(
    const std::filesystem::path& path,
    const std::function<bool(const TextColumn& column)>& wants = [](const TextColumn&) { return true; });

/// Calls `take` with the number (from 1) and the blank-separated words of each line that has any. Encodings
/// as for `read_text_table`. Throws DataError if the file cannot be read.
using WordLine = std::vector<std::string_view>;
void for_each_word_line(const std::filesystem::path& path,
                        const std::function<void(size_t line, const WordLine& words)>& take);

}  // namespace patronus
