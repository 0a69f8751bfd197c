#include "patronus/io/text_table.h"

#include <algorithm>
#include <bit>
#include <set>

#include "io/csv_reader.h"
#include "patronus/core/error.h"
#include "patronus/core/text.h"
#include "patronus/io/text_encoding.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// The most frequent separator, outside quotes, of the first line that is not empty.
char separator_of(std::string_view text) {
  constexpr char kSeparators[] = {',', ';', '\t'};
  size_t counts[] = {0, 0, 0};
  bool quoted = false;
  text.remove_prefix(std::min(text.find_first_not_of("\r\n"), text.size()));
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\n' || c == '\r') break;
    const auto* found = std::find(std::begin(kSeparators), std::end(kSeparators), c);
    if (found != std::end(kSeparators)) ++counts[found - kSeparators];
  }
  return kSeparators[std::max_element(std::begin(counts), std::end(counts)) - counts];
}

/// Cells of the header. Skips a line "sep=;", which tells Excel the separator.
std::vector<std::string> read_header(CsvReader& reader, const fs::path& path) {
  const auto next_row = [&] {
    if (reader.at_end()) throw DataError(path.string() + ": the file is empty; expected a header line");
    return reader.next_row();
  };
  const auto first = next_row();
  return first == std::vector<std::string>{"sep=", ""} ? next_row() : first;
}

void refuse_comment(const CsvReader& reader, const std::vector<std::string>& row) {
  const bool numbers_rows = trim(row.front()) == "#" && row.size() > 1;  // "#" is the name of a column
  if (row.front().starts_with('#') && !numbers_rows) {
    reader.fail_row("a comment; expected a header line and rows alone; remove the lines that begin with #");
  }
}

void refuse_twins(const CsvReader& reader, const std::vector<TextColumn>& columns) {
  std::set<std::string> names;
  for (const auto& column : columns) {
    if (!column.name.empty() && !names.insert(column.name).second)
      reader.fail_row("two columns are called '" + column.name + "'; give each a name of its own");
  }
}

/// Appends a cell; returns whether the column is still wanted, and drops its cells if not.
bool keep_with(TextColumn& column, std::string_view cell,
               const std::function<bool(const TextColumn& column)>& wants) {
  const size_t before = column.texts().size();
  column.append(cell);
  const size_t count = column.texts().size();
  if (count == before || !std::has_single_bit(count) || wants(column)) return true;
  const std::string name = column.name;
  column = {};
  column.name = name;
  return false;
}

}  // namespace

void TextColumn::append(std::string_view cell) {
  const auto known = code_of(cell);
  codes_.push_back(known.value_or(static_cast<int32_t>(texts_.size())));
  if (known) return;
  code_of_.emplace(cell, codes_.back());
  texts_.emplace_back(cell);
}

std::optional<int32_t> TextColumn::code_of(std::string_view cell) const {
  constexpr size_t kFew = 4;  // comparing this few is faster than hashing
  if (texts_.size() <= kFew) {
    const auto found = std::find(texts_.begin(), texts_.end(), cell);
    if (found == texts_.end()) return std::nullopt;
    return static_cast<int32_t>(found - texts_.begin());
  }
  const auto known = code_of_.find(cell);
  return known == code_of_.end() ? std::nullopt : std::optional(known->second);
}

size_t TextColumn::first_row(int32_t code) const {
  return static_cast<size_t>(std::find(codes_.begin(), codes_.end(), code) - codes_.begin());
}

std::optional<size_t> TextTable::find_column(const std::vector<std::string>& names, bool ignore_case) const {
  for (const auto& name : names) {
    for (size_t c = 0; c < columns.size(); ++c) {
      const std::string& column = columns[c].name;
      if (column == name || (ignore_case && to_lower(column) == to_lower(name))) return c;
    }
  }
  return std::nullopt;
}

std::string TextTable::where_line(size_t line) const {
  return path.string() + ":" + std::to_string(line) + ": ";
}

void TextTable::fail_repeated(size_t row, size_t first, const std::string& name) const {
  throw DataError(where(row) + name + " was named in line " + std::to_string(lines[first]) +
                  " already; expected it once; remove one of the two lines");
}

TextTable read_text_table(const fs::path& path, const std::function<bool(const TextColumn& column)>& wants) {
  const std::string text = read_text(path);
  CsvReader reader(path, text, separator_of(text));
  const auto header = read_header(reader, path);
  TextTable table{.path = path, .header_line = reader.row_line(), .columns = {}, .lines = {}};
  refuse_comment(reader, header);
  for (const auto& name : header) table.columns.emplace_back().name = std::string(trim(name));
  refuse_twins(reader, table.columns);
  std::vector<size_t> wanted;
  for (size_t c = 0; c < table.columns.size(); ++c) {
    if (wants(table.columns[c])) wanted.push_back(c);
  }
  while (!reader.at_end()) {
    const auto row = reader.next_row();
    if (row.size() != header.size()) {
      refuse_comment(reader, row);
      reader.fail_length(row.size(), header.size());
    }
    std::erase_if(wanted, [&](size_t c) { return !keep_with(table.columns[c], trim(row[c]), wants); });
    table.lines.push_back(reader.row_line());
  }
  return table;
}

void for_each_word_line(const fs::path& path,
                        const std::function<void(size_t line, const WordLine& words)>& take) {
  const std::string text = read_text(path);
  std::string_view rest = text;
  WordLine words;
  for (size_t line = 1; !rest.empty(); ++line) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    words.clear();
    for (auto left = trim(rest.substr(0, end)); !left.empty(); left = trim(left)) {
      words.push_back(left.substr(0, left.find_first_of(" \t\r")));
      left.remove_prefix(words.back().size());
    }
    if (!words.empty()) take(line, words);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

}  // namespace patronus
