#include "data/table_images.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "data/image_index.h"
#include "patronus/core/contains.h"
#include "patronus/core/error.h"
#include "patronus/core/text.h"
#include "patronus/io/file_kind.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// Most likely first; an id is last because it may number the rows.
const std::vector<std::string> kFileColumns{
    "file",       "filename",    "file_name", "filepath", "file_path", "image", "image_name", "image_file",
    "image_path", "image index", "img",       "img_name", "img_path",  "path",  "image_id",   "imageid"};
const std::vector<std::string> kSplitColumns{"split", "partition"};

/// The columns that may contain file names, most likely first.
std::vector<size_t> file_columns(const TextTable& table) {
  std::vector<size_t> columns;
  for (const auto& name : kFileColumns) {
    if (const auto column = table.find_column({name}, /*ignore_case=*/true)) columns.push_back(*column);
  }
  return columns;
}

/// "files are named by path, not image_id"; empty if only one column may name files.
std::string file_column_remark(const TextTable& table, const std::vector<size_t>& columns) {
  std::vector<std::string> others;
  for (size_t i = 1; i < columns.size(); ++i) others.push_back(table.columns[columns[i]].name);
  if (others.empty()) return "";
  return "files are named by " + table.columns[columns.front()].name + ", not " + join_or(others);
}

/// Whether the first cell of a column has the extension of an image.
bool names_images(const TextColumn& column) {
  return !column.texts().empty() && file_kind(column.texts().front()) == FileKind::kImage;
}

/// "; rename Bildname, which names images, to file"; empty if no column names images.
std::string file_column_meant(const TextTable& table) {
  const auto column = std::ranges::find_if(table.columns, names_images);
  return column == table.columns.end() ? "" : "; rename " + column->name + ", which names images, to file";
}

/// Path, relative to `folder`, of the file that a cell names; empty if it does not exist. Accepts any
/// existing file, because an image may lack an image's extension.
std::string found_file(const std::string& cell, const ImageIndex& index, const fs::path& folder) {
  if (const auto* image = index.find(cell)) return *image;
  std::error_code error;
  if (cell.empty() || !fs::is_regular_file(folder / cell, error)) return {};
  return fs::relative(folder / cell, folder).string();  // one name for all spellings of the path
}

}  // namespace

TextTable read_image_table(const fs::path& path, const WantedColumns& wanted) {
  return read_text_table(path, [&](const TextColumn& column) {
    const std::string name = to_lower(column.name);
    return contains(kFileColumns, name) || contains(kSplitColumns, name) || wanted.has(column.name) ||
           names_images(column) || !has_too_many_values(column);
  });
}

TableRoles table_roles(const TextTable& table) {
  const auto files = file_columns(table);
  if (files.empty()) {
    std::vector<std::string> names;
    for (const auto& column : table.columns) names.push_back(column.name);
    throw DataError(
        table.where_header() +
        "no column of file names; expected one called file, filename, image, image_id or path; found " +
        join(names) + file_column_meant(table));
  }
  TableRoles roles{.file = files.front(),
                   .split = table.find_column(kSplitColumns, /*ignore_case=*/true),
                   .remark = file_column_remark(table, files)};
  for (size_t c = 0; c < table.columns.size(); ++c) {
    if (c != roles.file && c != roles.split) roles.attributes.push_back(c);
  }
  return roles;
}

TableImages find_table_images(const TextTable& table, const TextColumn& files, const fs::path& folder,
                              FolderScan& scan, bool skip_missing) {
  const ImageIndex index(scan.images);
  TableImages images;
  images.names.reserve(table.rows());  // keeps them in place: `row_of` refers to them
  std::unordered_map<std::string_view, size_t> row_of;
  for (size_t row = 0; row < table.rows(); ++row) {
    const std::string& cell = files.cell(row);
    const std::string name = found_file(cell, index, folder);
    if (const auto several = name.empty() ? index.several(cell) : ""; !several.empty()) {
      throw DataError(table.where(row) + cell + " is in " + folder.string() + " more than once, as " +
                      several + "; give its folder in the table");
    }
    if (name.empty() && !skip_missing) {
      throw DataError(
          table.where(row) + cell + " is not in " + folder.string() +
          "; expected every listed file there; correct the line, or the folder with --data FOLDER, or leave "
          "such lines out with data.skip_unreadable=true");
    }
    if (name.empty()) {
      scan.left_out.add("images that " + table.path.filename().string() + " names and that are not there",
                        cell);
      continue;
    }
    images.names.push_back(name);
    if (const auto [first, is_new] = row_of.emplace(images.names.back(), row); !is_new)
      table.fail_repeated(row, first->second, cell);
    images.rows.push_back(static_cast<int64_t>(row));
  }
  for (const auto& image : scan.images) {
    if (!row_of.contains(image))
      scan.left_out.add("images that " + table.path.filename().string() + " does not name", image);
  }
  return images;
}

GivenSplits splits_of_column(const TextTable& table, const TextColumn& column) {
  static const std::vector<std::string> kWords{"train", "val", "test"};
  static const std::unordered_map<std::string, Split> kNumbers{
      {"0", Split::kTrain}, {"1", Split::kValidation}, {"2", Split::kTest}};
  GivenSplits split_of_text;
  for (const auto& text : column.texts()) {
    const auto number = kNumbers.find(text);
    split_of_text.push_back(number != kNumbers.end() ? number->second : parse_split(text));
    if (split_of_text.back()) continue;
    const auto code = static_cast<int32_t>(split_of_text.size() - 1);
    throw DataError(table.where(column.first_row(code)) + "split '" + text +
                    "'; expected train, val or test" + did_you_mean(text, kWords));
  }
  GivenSplits splits;
  for (const int32_t code : column.codes()) splits.push_back(split_of_text[code]);
  return splits;
}

}  // namespace patronus
