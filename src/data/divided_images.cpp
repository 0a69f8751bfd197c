#include "data/divided_images.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <set>
#include <string>
#include <unordered_map>

#include "data/condition.h"
#include "patronus/core/error.h"
#include "patronus/core/text.h"
#include "patronus/core/unknown.h"

namespace patronus {
namespace {

ListedImages list_images(const DataConfig& config) {
  switch (config.kind) {
    case DataKind::kFaces:
      return list_faces(config);
    case DataKind::kFashionMnist:
      return list_fashion_mnist(config);
    case DataKind::kCifar10:
      return list_cifar10(config);
    case DataKind::kImages:
      return list_image_folder(config);
    case DataKind::kCeleba:
      return list_celeba(config);
    case DataKind::kChexpert:
      return list_chexpert(config);
  }
  TORCH_CHECK(false, "no such kind of data set");
}

void refuse_shared_files(const DividedImages& divided) {
  const auto& [images, division] = divided;
  std::unordered_map<uint64_t, int64_t> trained;
  for (const int64_t row : division.rows[Split::kTrain]) trained.emplace(images.stamps[row].file, row);
  for (const int64_t row : division.rows[Split::kTest]) {
    const uint64_t file = images.stamps[row].file;
    const auto same = file == 0 ? trained.end() : trained.find(file);
    if (same == trained.end()) continue;
    throw DataError(images.names[row] + " is a test image and, as " + images.names[same->second] +
                    ", a training image: one file; remove one of the two");
  }
}

/// Adds a remark with the number of folders that have both training and test images: folders that are not
/// classes may each belong to one patient. Folders in folders count, but for those around all images.
void note_shared_folders(DividedImages& divided) {
  auto& [images, division] = divided;
  const auto folders_of = [&](const std::vector<int64_t>& rows) {
    std::set<std::filesystem::path> folders;
    for (const int64_t row : rows) {
      for (auto folder = std::filesystem::path(images.names[row]).parent_path(); !folder.empty();
           folder = folder.parent_path())
        folders.insert(folder);
    }
    return folders;
  };
  const auto holds_all = [&](const std::filesystem::path& folder) {
    const std::string start = folder.string() + "/";
    return std::all_of(images.names.begin(), images.names.end(),
                       [&](const std::string& name) { return name.starts_with(start); });
  };
  const auto train = folders_of(division.rows[Split::kTrain]), test = folders_of(division.rows[Split::kTest]);
  const auto shared = std::count_if(train.begin(), train.end(),
                                    [&](const auto& f) { return test.contains(f) && !holds_all(f); });
  if (shared == 0) return;
  division.remark += (division.remark.empty() ? "" : "; ") + std::string("images of ") +
                     pluralize(shared, "folder") + " are in both halves";
}

/// Keeps the images for which `data.where` holds. Called after division, so that no image changes its split.
void keep_where(DividedImages& divided, const std::string& where) {
  auto& [images, division] = divided;
  const at::Tensor truth =
      with_context("data.where", [&] { return evaluate_condition(images.attributes, where); });
  const auto* holds = truth.const_data_ptr<int64_t>();
  const auto is_left_out = [&](int64_t row) {
    const auto& name = images.names[row];
    if (holds[row] == 0) images.left_out.add_minor("images for which data.where does not hold", name);
    if (holds[row] == kUnknown) images.left_out.add("images of which data.where is unknown", name);
    return holds[row] != 1;
  };
  for (const Split split : kSplits) std::erase_if(division.rows[split], is_left_out);
  images.remarks.push_back("where " + where);
}

}  // namespace

DividedImages list_divided(const DataConfig& config) {
  DividedImages divided{list_images(config), {}};
  // Divided by their publishers, so that nothing is held out.
  const bool official = config.kind == DataKind::kFashionMnist || config.kind == DataKind::kCifar10;
  divided.division = divide(divided.images.names, divided.images.splits, official ? 0 : config.test_fraction);
  with_context(shown_path(config).string(), [&] { refuse_shared_files(divided); });
  if (!config.where.empty()) keep_where(divided, config.where);
  if (config.kind == DataKind::kImages && config.folders == FolderMeaning::kNone)
    note_shared_folders(divided);
  if (!config.attributes.empty()) {
    divided.images.attributes =
        with_context("data.attributes", [&] { return divided.images.attributes.columns(config.attributes); });
  }
  return divided;
}

DividedImages list_undivided(const DataConfig& config) {
  DividedImages divided{list_whole_folder(config), {}};
  auto& rows = divided.division.rows[Split::kTrain];
  rows.resize(divided.images.names.size());
  std::iota(rows.begin(), rows.end(), 0);
  return divided;
}

}  // namespace patronus
