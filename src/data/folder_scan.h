#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/data/data_report.h"

namespace patronus {

/// What lies below a folder.
struct FolderScan {
  std::vector<std::string> images;  // paths below it with "/" between, sorted folder by folder
  std::vector<std::string> tables;  // names of the CSV files directly in it, which are not counted below
  LeftOutList left_out;             // images of formats that are not read, other files, hidden ones, runs ...
};

/// Looks for images, by their endings, in a folder and all below it, through links, too. Hidden files and
/// folders, those that systems make (__MACOSX, @eaDir, lost+found), empty folders and the folders of this
/// program's runs are passed over and counted. DataError for a folder that cannot be read.
FolderScan scan_folder(const std::filesystem::path& folder);

}  // namespace patronus
