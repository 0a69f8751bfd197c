#pragma once
#include <string>
#include <vector>

#include "data/division.h"
#include "patronus/data/data_config.h"
#include "patronus/data/data_report.h"

namespace patronus {

/// Meaning of the folders of a data set without a table.
struct FolderLayout {
  std::vector<std::string> names;  // of the images used
  GivenSplits splits;              // [N]
  // [N], index into `classes` or kUnknown; empty without classes
  std::vector<int64_t> labels;
  std::vector<std::string> classes;  // sorted
  // "divided by the folders train, val"; empty if no folder divides the images
  std::string division;
  std::vector<std::string> remarks;
  LeftOutList left_out;
};

/// Rules for reading folders.
struct FolderRules {
  FolderMeaning meaning = FolderMeaning::kAuto;  // data.folders
  bool divides = true;                           // whether folders named after splits divide the images
};

/// Derives splits and classes from the paths of images below a data folder (sorted as in FolderScan).
///
/// - A folder that contains all images is opened in place of the data folder.
/// - A folder train (or training) beside val (valid, validation) or test (testing), ignoring case: these are
///   the splits, and images outside of them are left out.
/// - In each split, or in the whole data set: images without folders form one set without classes. Folders
///   without images are classes, unless all their names are multiples of a thousand (00000, 01000, as in
///   FFHQ) or one is named after a split. Images beside folders form one set without classes. Deeper folders
///   belong to the one that contains them.
///
/// With FolderMeaning::kClasses, all folders except the splits are classes, whatever their names and whatever
/// lies beside them; with kNone, none is. Throws DataError if two folders stand for one split and, except
/// with kClasses, for an incomplete set of splits, for splits in deeper folders, and for folders that look
/// like splits under other names (train2017 and val2017, trainA and testA).
FolderLayout find_folder_layout(const std::vector<std::string>& images, const FolderRules& rules);

/// Division of images by folders named after splits.
struct FolderDivision {
  GivenSplits splits;    // [N]
  std::string division;  // "divided by the folders train, val"; empty if no folder divides the images
};

/// Divides images that a table without a column of splits names, by the folders that find_folder_layout takes
/// for splits. Throws DataError if two folders stand for one split, if images lie beside the splits, and for
/// folders that look like splits under other names.
FolderDivision divide_by_folders(const std::vector<std::string>& images);

}  // namespace patronus
