#include "data/folder_layout.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <string_view>

#include "patronus/core/error.h"
#include "patronus/core/text.h"
#include "patronus/core/unknown.h"

namespace patronus {
namespace {

constexpr const char* kNameOne =
    "; name one such folder with --data, or take all folders for classes with data.folders=classes";

/// First folder of a path, without its slash; empty if the path is a file name alone.
std::string_view first_folder(std::string_view path) {
  const size_t slash = path.find('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

/// Images of one split, or of a whole data set.
struct SplitImages {
  std::optional<Split> split{};
  std::vector<size_t> rows;             // indices of the images
  std::vector<std::string_view> below;  // their paths below the split's folder

  void add(size_t row, std::string_view path) {
    rows.push_back(row);
    below.push_back(path);
  }
};

/// Distinct first folders of the images; "" for images outside of folders.
std::set<std::string_view> first_folders(const SplitImages& images) {
  std::set<std::string_view> folders;
  for (const auto path : images.below) folders.insert(first_folder(path));
  return folders;
}

std::set<std::string_view> folders_of(const SplitImages& images) {
  auto folders = first_folders(images);
  folders.erase("");
  return folders;
}

/// Removes leading folders that all images of all groups share; returns their path.
std::string drop_shared_folders(std::vector<SplitImages>& groups) {
  std::string shared;
  for (;;) {
    std::set<std::string_view> folders;
    for (const auto& group : groups) folders.merge(first_folders(group));
    if (folders.size() != 1 || folders.begin()->empty()) return shared;
    const std::string folder(*folders.begin());
    shared += (shared.empty() ? "" : "/") + folder;
    for (auto& group : groups) {
      for (auto& path : group.below) path.remove_prefix(folder.size() + 1);
    }
  }
}

/// The split that a folder looks like without having its name: "train2017", "testA", "val_set".
std::optional<Split> resembled_split(std::string_view folder) {
  const auto is_letter = [](unsigned char c) { return std::isalpha(c) != 0; };
  for (auto start = folder.begin(); start != folder.end();) {
    start = std::find_if(start, folder.end(), is_letter);
    const auto end = std::find_if_not(start, folder.end(), is_letter);
    std::string_view word(start, end);
    start = end;
    if (const auto split = parse_split(word)) return split;
    if (word.size() > 1 && std::isupper(static_cast<unsigned char>(word.back()))) {
      if (const auto split = parse_split(word.substr(0, word.size() - 1))) return split;
    }
    if (to_lower(word).ends_with("set")) {
      if (const auto split = parse_split(word.substr(0, word.size() - 3))) return split;
    }
  }
  return std::nullopt;
}

std::string listed(const std::vector<std::string>& names) {
  constexpr size_t kShown = 5;
  std::vector<std::string> first(names.begin(),
                                 names.begin() + static_cast<std::ptrdiff_t>(std::min(kShown, names.size())));
  if (names.size() > kShown) first.emplace_back("...");
  return join(first);
}

/// The folders that are named after splits; empty if there are none. Throws DataError if two folders stand
/// for one split. If the training split or both of the others are missing, throws DataError, or returns
/// nothing if the folders may be classes.
std::map<std::string_view, Split> split_folders(const std::set<std::string_view>& folders,
                                                bool may_be_classes) {
  std::map<std::string_view, Split> splits;
  std::map<Split, std::string_view> taken;
  for (const auto folder : folders) {
    const auto split = parse_split(folder);
    if (!split) continue;
    splits[folder] = *split;
    if (const auto [other, is_new] = taken.emplace(*split, folder); !is_new)
      throw DataError("two folders for one split, " + std::string(other->second) + " and " +
                      std::string(folder));
  }
  const bool complete = taken.contains(Split::kTrain) && taken.size() > 1;
  if (splits.empty() || complete) return splits;
  if (may_be_classes) return {};
  throw DataError("holds the folders " + listed({folders.begin(), folders.end()}) + ", and " +
                  std::string(splits.begin()->first) +
                  " is the name of a split; expected train and val or test" + kNameOne);
}

std::string division_text(const std::map<std::string_view, Split>& folders) {
  std::vector<std::string> names;
  for (const auto& [folder, split] : folders) names.emplace_back(folder);
  return "divided by the folders " + join(names);
}

/// Throws DataError, with `advice`, if the folders probably are splits under names that are not read as such.
void refuse_resembled_splits(const std::set<std::string_view>& folders, const std::string& advice) {
  std::map<Split, std::string> examples;
  for (const auto folder : folders) {
    if (const auto split = resembled_split(folder)) examples.emplace(*split, folder);
  }
  if (!examples.contains(Split::kTrain) || examples.size() < 2) return;
  throw DataError("holds the folders " + examples.begin()->second + " and " + examples.rbegin()->second +
                  ", which look like splits; call these train and val or test" + advice);
}

/// Groups images by those of their first folders that are splits; leaves out images elsewhere.
std::vector<SplitImages> divided(const SplitImages& all, FolderMeaning meaning, FolderLayout& layout) {
  const bool may_be_classes = meaning == FolderMeaning::kClasses;
  const auto folders = split_folders(folders_of(all), may_be_classes);
  if (folders.empty()) {
    if (!may_be_classes) refuse_resembled_splits(folders_of(all), kNameOne);
    return {all};
  }
  std::map<Split, SplitImages> splits;
  for (size_t i = 0; i < all.rows.size(); ++i) {
    const auto folder = folders.find(first_folder(all.below[i]));
    if (folder == folders.end()) {
      layout.left_out.add("images beside the folders of splits", std::string(all.below[i]));
    } else {
      splits[folder->second].add(all.rows[i], all.below[i].substr(folder->first.size() + 1));
    }
  }
  std::vector<SplitImages> result;
  layout.division = division_text(folders);
  for (auto& [split, images] : splits) {
    images.split = split;
    result.push_back(std::move(images));
  }
  return result;
}

/// Throws DataError for split folders below the first level: they are easily overlooked, and the model would
/// be trained on their test images.
void refuse_deeper_splits(const SplitImages& images) {
  std::map<std::string_view, std::set<Split>> splits_in;
  for (const auto path : images.below) {
    for (size_t start = path.find('/'); start != std::string_view::npos;) {
      const size_t end = path.find('/', start + 1);
      if (end == std::string_view::npos) break;
      if (const auto split = parse_split(path.substr(start + 1, end - start - 1)))
        splits_in[path.substr(0, start)].insert(*split);
      start = end;
    }
  }
  for (const auto& [folder, splits] : splits_in) {
    if (splits.contains(Split::kTrain) && splits.size() > 1)
      throw DataError("holds splits in its folder " + std::string(folder) + " and is none itself" + kNameOne);
  }
}

bool is_multiple_of_thousand(std::string_view name) {
  const bool digits = std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isdigit(c); });
  return digits && name.size() > 3 && name.ends_with("000");
}

/// Whether the first folders of a group are classes. Adds a remark if they are not because images lie beside
/// them, or because their names are multiples of a thousand.
bool has_classes(const SplitImages& images, FolderMeaning meaning, FolderLayout& layout) {
  const auto folders = folders_of(images);
  if (folders.empty() || meaning == FolderMeaning::kNone) return false;
  if (meaning == FolderMeaning::kClasses) return true;
  const auto alone = std::count_if(images.below.begin(), images.below.end(),
                                   [](std::string_view path) { return first_folder(path).empty(); });
  if (alone > 0) {
    layout.remarks.push_back("images and folders side by side: the folders are no classes (data.folders)");
    return false;
  }
  const auto names_a_split = [](std::string_view name) { return parse_split(name).has_value(); };
  if (std::any_of(folders.begin(), folders.end(), names_a_split)) return false;
  if (!std::all_of(folders.begin(), folders.end(), is_multiple_of_thousand)) return true;
  layout.remarks.emplace_back("folders of thousands are no classes (data.folders)");
  return false;
}

int64_t label_of(std::string_view path, const std::vector<std::string>& classes) {
  const auto found = std::lower_bound(classes.begin(), classes.end(), first_folder(path));
  const bool known = found != classes.end() && *found == first_folder(path);
  return known ? found - classes.begin() : kUnknown;
}

std::vector<SplitImages> one_group(const std::vector<std::string>& images) {
  std::vector<SplitImages> groups(1);
  for (size_t i = 0; i < images.size(); ++i) groups.front().add(i, images[i]);
  return groups;
}

}  // namespace

FolderDivision divide_by_folders(const std::vector<std::string>& images) {
  constexpr const char* kAdvice = "give the table a column split";
  auto groups = one_group(images);
  drop_shared_folders(groups);
  const auto& below = groups.front().below;
  const auto folders = split_folders(folders_of(groups.front()), /*may_be_classes=*/true);
  FolderDivision result{.splits = GivenSplits(images.size()), .division = {}};
  if (folders.empty()) {
    refuse_resembled_splits(folders_of(groups.front()), std::string(", or ") + kAdvice);
    return result;
  }
  for (size_t i = 0; i < images.size(); ++i) {
    const auto folder = folders.find(first_folder(below[i]));
    if (folder == folders.end())
      throw DataError(images[i] + " lies beside the folders of splits; " + kAdvice);
    result.splits[i] = folder->second;
  }
  result.division = division_text(folders);
  return result;
}

FolderLayout find_folder_layout(const std::vector<std::string>& images, const FolderRules& rules) {
  FolderLayout layout;
  auto groups = one_group(images);
  const std::string shared = drop_shared_folders(groups);
  if (!shared.empty()) layout.remarks.push_back("all images lie in " + shared);
  if (rules.divides) groups = divided(groups.front(), rules.meaning, layout);
  drop_shared_folders(groups);
  std::set<std::string> classes;
  for (auto& group : groups) {
    if (rules.divides && rules.meaning != FolderMeaning::kClasses) refuse_deeper_splits(group);
    if (!has_classes(group, rules.meaning, layout)) {
      for (auto& path : group.below) path = {};  // no class
    }
    for (const auto folder : folders_of(group)) classes.emplace(folder);
  }
  layout.classes.assign(classes.begin(), classes.end());
  for (const auto& group : groups) {
    for (size_t i = 0; i < group.rows.size(); ++i) {
      layout.names.push_back(images[group.rows[i]]);
      layout.splits.push_back(group.split);
      if (!classes.empty()) layout.labels.push_back(label_of(group.below[i], layout.classes));
    }
  }
  return layout;
}

}  // namespace patronus
