#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/data/data_report.h"

namespace patronus {

/// Content of a folder and its subfolders.
struct FolderScan {
  std::vector<std::string> images;  // paths below the folder, separated by "/", sorted folder by folder
  std::vector<std::string> tables;  // names of CSV files directly in the folder; not in `left_out`
  LeftOutList left_out;             // unsupported image formats, other files, hidden files, runs ...
};

/// Finds images by their extensions in a folder and all its subfolders; follows links. Skips and counts
/// hidden files and folders, folders created by systems (__MACOSX, @eaDir, lost+found), empty folders, and
/// folders of this program's runs. Throws DataError if a folder cannot be read.
FolderScan scan_folder(const std::filesystem::path& folder);

}  // namespace patronus
