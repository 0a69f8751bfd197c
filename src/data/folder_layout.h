#pragma once
#include <string>
#include <vector>

#include "data/division.h"
#include "patronus/data/data_config.h"
#include "patronus/data/data_report.h"

namespace patronus {

/// What the folders of a data set without a table mean.
struct FolderLayout {
  std::vector<std::string> names;  // of the images that are used
  GivenSplits splits;              // [N]
  std::vector<int64_t> labels;     // [N], index into `classes` or kUnknown; empty where there are no classes
  std::vector<std::string> classes;  // sorted
  std::string division;              // "divided by the folders train, val"; empty where nothing divides them
  std::vector<std::string> remarks;
  LeftOutList left_out;
};

/// How folders are taken.
struct FolderRules {
  FolderMeaning meaning = FolderMeaning::kAuto;  // data.folders
  bool divides = true;  // names of splits stand for splits; else they are not looked at
};

/// Reads splits and classes off the paths of images below a data folder (sorted as FolderScan gives them).
///
/// - Where all images lie in one folder, that one is meant.
/// - A folder train (or training) beside val (valid, validation) or test (testing), in any capitalisation:
///   the splits; what lies beside them is left out.
/// - In each split, or in the whole: images and no folders, one flat set; folders and no images, a class
///   each, unless all their names are multiples of a thousand (00000, 01000: FFHQ's way to store many files);
///   both, one set without classes. Whatever lies deeper belongs to it.
///
/// With the meaning `classes` other folders than these splits are classes whatever they are called and lie
/// beside, with `none` they are not. DataError for folders of splits that do not go together, and for such
/// folders deeper down.
FolderLayout find_folder_layout(const std::vector<std::string>& images, const FolderRules& rules);

}  // namespace patronus
