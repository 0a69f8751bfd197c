#include "data/table_images.h"

#include <algorithm>
#include <unordered_map>

#include "patronus/core/error.h"
#include "patronus/core/text.h"
#include "patronus/io/file_kind.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kFileColumns{
    "file",       "filename",   "file_name",  "filepath",    "file_path", "image",    "image_id", "imageid",
    "image_name", "image_file", "image_path", "image index", "img",       "img_name", "img_path", "path"};
const std::vector<std::string> kSplitColumns{"split", "partition"};

/// The first column with the first of these names that there is.
std::optional<size_t> column_named(const TextTable& table, const std::vector<std::string>& names) {
  for (const auto& name : names) {
    for (size_t c = 0; c < table.columns.size(); ++c) {
      if (lower_case(table.columns[c].name) == name) return c;
    }
  }
  return std::nullopt;
}

/// Images of a folder by what a table may call them.
class ImageIndex {
 public:
  explicit ImageIndex(const std::vector<std::string>& images) {
    for (const auto& image : images) {
      by_path_.emplace(image, &image);
      const fs::path name = fs::path(image).filename();
      add_once(name.string(), image);
      add_once(name.stem().string(), image);
    }
  }

  /// The image's path below the folder; nothing when it is not there, or there under several paths.
  const std::string* find(const std::string& cell) const {
    const std::string path = normal(cell);
    if (const auto exact = by_path_.find(path); exact != by_path_.end()) return exact->second;
    const auto named = by_name_.find(fs::path(path).filename().string());
    const bool found = named != by_name_.end() && named->second && agree(path, *named->second);
    return found ? named->second : nullptr;
  }

 private:
  /// "img/a.png" of "./img/a.png" and "img\a.png".
  static std::string normal(std::string cell) {
    std::replace(cell.begin(), cell.end(), '\\', '/');
    return fs::path(cell).lexically_normal().string();
  }
  /// Whether the folders of a cell, if it has any, are those of the image, or one has more of them in front.
  static bool agree(const std::string& cell, const std::string& image) {
    return cell.find('/') == std::string::npos || ("/" + image).ends_with("/" + cell) ||
           ("/" + cell).ends_with("/" + image);
  }
  void add_once(const std::string& name, const std::string& image) {
    const auto [entry, is_new] = by_name_.emplace(name, &image);
    if (!is_new && entry->second != &image) entry->second = nullptr;
  }

  std::unordered_map<std::string, const std::string*> by_path_;
  std::unordered_map<std::string, const std::string*> by_name_;
};

/// The path of the file that a cell names, below `folder`; empty when it is not there. What is no image by
/// its ending may be one by its content.
std::string found_file(const std::string& cell, const ImageIndex& index, const fs::path& folder) {
  if (const auto* image = index.find(cell)) return *image;
  std::error_code error;
  return !cell.empty() && fs::is_regular_file(folder / cell, error) ? cell : std::string();
}

}  // namespace

TableRoles table_roles(const TextTable& table) {
  const auto file = column_named(table, kFileColumns);
  if (!file) {
    std::vector<std::string> names;
    for (const auto& column : table.columns) names.push_back(column.name);
    throw DataError(
        table.where_header() +
        "no column of file names; expected one called file, filename, image, image_id or path; found " +
        join(names));
  }
  TableRoles roles{.file = *file, .split = column_named(table, kSplitColumns)};
  for (size_t c = 0; c < table.columns.size(); ++c) {
    if (c != roles.file && c != roles.split) roles.attributes.push_back(c);
  }
  return roles;
}

TableImages find_table_images(const TextTable& table, const TextColumn& files, const fs::path& folder,
                              FolderScan& scan, bool skip_missing) {
  const ImageIndex index(scan.images);
  TableImages images;
  std::unordered_map<std::string, size_t> row_of;
  for (size_t row = 0; row < table.rows(); ++row) {
    const std::string& cell = files.cell(row);
    const std::string name = found_file(cell, index, folder);
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
    if (const auto [first, is_new] = row_of.emplace(name, row); !is_new) {
      throw DataError(table.where(row) + cell + " was named in line " +
                      std::to_string(table.lines[first->second]) + " already; expected every image once");
    }
    images.names.push_back(name);
    images.rows.push_back(static_cast<int64_t>(row));
  }
  for (const auto& image : scan.images) {
    if (!row_of.contains(image))
      scan.left_out.add("images that " + table.path.filename().string() + " does not name", image);
  }
  return images;
}

std::vector<Part> parts_of_column(const TextTable& table, const TextColumn& splits) {
  static const std::vector<std::string> kWords{"train", "val", "test"};
  static const std::unordered_map<std::string, Part> kNumbers{
      {"0", Part::kTrain}, {"1", Part::kValidation}, {"2", Part::kTest}};
  std::vector<Part> part_of_text;
  for (const auto& text : splits.texts()) {
    const auto number = kNumbers.find(text);
    const auto part = number != kNumbers.end() ? std::optional(number->second) : part_from(text);
    if (!part) {
      const auto code = static_cast<int32_t>(&text - splits.texts().data());
      const auto row = std::find(splits.codes().begin(), splits.codes().end(), code) - splits.codes().begin();
      throw DataError(table.where(static_cast<size_t>(row)) + "split '" + text +
                      "'; expected train, val or test" + did_you_mean(text, kWords));
    }
    part_of_text.push_back(*part);
  }
  std::vector<Part> parts;
  for (const int32_t code : splits.codes()) parts.push_back(part_of_text[code]);
  return parts;
}

}  // namespace patronus
