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

/// A column of a table as its different cells, of which there are few even where the rows are many.
class TextColumn {
 public:
  std::string name;

  void append(std::string_view cell);
  /// The different cells, in the order in which they appear.
  const std::vector<std::string>& texts() const { return texts_; }
  /// The number in `texts` of every row's cell.
  const std::vector<int32_t>& codes() const { return codes_; }
  const std::string& cell(size_t row) const { return texts_[codes_[row]]; }
  /// The number in `texts` of a cell that is there.
  std::optional<int32_t> code_of(std::string_view cell) const;
  /// The first row whose code is this one.
  size_t first_row(int32_t code) const;

 private:
  std::vector<std::string> texts_;
  std::vector<int32_t> codes_;
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_map<std::string, int32_t, Hash, std::equal_to<>> code_of_;
};

/// A table of text as people have it.
struct TextTable {
  std::filesystem::path path;
  size_t header_line = 1;
  std::vector<TextColumn> columns;
  std::vector<size_t> lines;  // of the file that each row begins in, for messages

  size_t rows() const { return lines.size(); }
  /// Whether a column has a cell in every row; false of one whose name alone was kept.
  bool is_kept(const TextColumn& column) const { return column.codes().size() == rows(); }
  /// The number of the column that has the first of `names` that there is, in their own capitalisation or in
  /// any; nothing where there is none.
  std::optional<size_t> find_column(const std::vector<std::string>& names, bool ignore_case = false) const;
  /// "<path>:<line>: " of a row.
  std::string where(size_t row) const { return where_line(lines[row]); }
  /// "<path>:<line>: " of the header.
  std::string where_header() const { return where_line(header_line); }
  /// "<path>:<line>: ".
  std::string where_line(size_t line) const;
  /// DataError for a row that names what row `first` has named already.
  [[noreturn]] void fail_repeated(size_t row, size_t first, const std::string& name) const;
};

/// Reads a table with a header line: fields separated by commas, semicolons or tabs, whichever the header
/// has most of, which a line "sep=;" may come before; quoted as in CSV; UTF-8 or, with a byte order mark,
/// UTF-16; blanks around cells are dropped. DataError with file:line for rows of another length than the
/// header's, two columns of one name, broken quotes, and comments. Of columns that `wants` denies, whose
/// texts may be long, the name alone is kept; it is asked before the first row, and of what a column has so
/// far whenever its different cells have doubled.
TextTable read_text_table(
    const std::filesystem::path& path,
    const std::function<bool(const TextColumn& column)>& wants = [](const TextColumn&) { return true; });

/// Calls `take` with the words between blanks of every line that has any, and with the line's number from 1
/// on. Encodings as for `read_text_table`. DataError when the file cannot be read.
using WordLine = std::vector<std::string_view>;
void for_each_word_line(const std::filesystem::path& path,
                        const std::function<void(size_t line, const WordLine& words)>& take);

}  // namespace patronus
