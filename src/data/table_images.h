#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/division.h"
#include "data/folder_scan.h"
#include "data/table_attributes.h"
#include "patronus/data/data_config.h"
#include "patronus/io/text_table.h"

namespace patronus {

/// Reads a table of images: completely the columns with file names (by header or cells) or splits (by
/// header), those that are `wanted`, and those without too many values (`has_too_many_values`); of the other
/// columns only the names.
TextTable read_image_table(const std::filesystem::path& path, const WantedColumns& wanted);

/// Indices of a table's columns by their role.
struct TableRoles {
  size_t file = 0;
  std::optional<size_t> split{};
  std::vector<size_t> attributes{};  // all others
  std::string remark{};              // which column names the files, if several might; else empty
};

/// Finds the columns of file names (file, filename, image, image_id, img, path and the like) and of splits
/// (split, partition) by their headers, ignoring case. Throws DataError if there is no column of file names.
TableRoles table_roles(const TextTable& table);

/// Images that the rows of a table name.
struct TableImages {
  std::vector<std::string> names;  // [n], paths relative to the data folder
  std::vector<int64_t> rows;       // [n], rows of the table
};

/// Finds the files that a column names in a folder: among the images of `scan` (with ImageIndex), else any
/// existing file. Images that no row names are added to `scan.left_out`. Throws DataError with the lines for
/// an image that is named twice, for an ambiguous name, and for a missing file; with `skip_missing`, the
/// latter is added to `scan.left_out` instead.
TableImages find_table_images(const TextTable& table, const TextColumn& files,
                              const std::filesystem::path& folder, FolderScan& scan, bool skip_missing);

/// Split of each row from a column of splits: words as for folders (parse_split), or CelebA's 0, 1 and 2.
/// Throws DataError with the line for any other cell.
GivenSplits splits_of_column(const TextTable& table, const TextColumn& column);

}  // namespace patronus
