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

/// Reads a table of images: all of the columns that name files and splits, by their header or their cells,
/// and of those that are wanted, and of others that are left out for their many values (has_too_many_values)
/// the name alone.
TextTable read_image_table(const std::filesystem::path& path, const WantedColumns& wanted);

/// Where a table says what: column numbers.
struct TableRoles {
  size_t file = 0;
  std::optional<size_t> split{};
  std::vector<size_t> attributes{};  // the others
  std::string remark{};              // of several columns that could name files, which one does
};

/// Finds the columns of file names (file, filename, image, image_id, img, path and the like) and of splits
/// (split, partition) by their names, in any capitalisation. DataError for a table without the former.
TableRoles table_roles(const TextTable& table);

/// The images that rows of a table name.
struct TableImages {
  std::vector<std::string> names;  // paths, relative to the data folder
  std::vector<int64_t> rows;       // of the table
};

/// Looks for the files that a column names among the images of a folder: by their path relative to it, or
/// else by their name, with or without its ending, where it is there once and the folders that are named
/// agree. Images that no row names are left out and counted in `scan`. DataError with both lines for an image
/// named twice; with the line for one that is not there, unless `skip_missing`.
TableImages find_table_images(const TextTable& table, const TextColumn& files,
                              const std::filesystem::path& folder, FolderScan& scan, bool skip_missing);

/// The split that a column of splits gives every row: words as of folders (split_from), or CelebA's 0, 1
/// and 2. DataError with the line for another one.
GivenSplits splits_of_column(const TextTable& table, const TextColumn& column);

}  // namespace patronus
