#include <ATen/Functions.h>

#include <algorithm>
#include <filesystem>

#include "data/folder_layout.h"
#include "data/folder_scan.h"
#include "data/listed_images.h"
#include "data/table_attributes.h"
#include "data/table_images.h"
#include "patronus/core/error.h"
#include "patronus/core/nearest_path.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

constexpr const char* kImageFiles = "JPEG, PNG, WebP, TIFF, BMP, GIF or PPM files";

ListedImages list_by_folders(const fs::path& root, const FolderScan& scan, const FolderRules& rules) {
  FolderLayout layout = with_context(root.string(), [&] { return find_folder_layout(scan.images, rules); });
  ListedImages images = listed_files(root, std::move(layout.names), std::move(layout.splits));
  if (!layout.classes.empty()) {
    images.attributes = {{"label"}, at::tensor(layout.labels, at::kLong).unsqueeze(1), {layout.classes}};
  }
  images.division = std::move(layout.division);
  images.remarks = std::move(layout.remarks);
  for (const auto& table : scan.tables) images.remarks.push_back(table + " is not used (data.csv)");
  images.left_out = layout.left_out;
  images.left_out.append(scan.left_out);
  return images;
}

/// Path of `config.csv`: below the data folder or, if it is not there, relative to the current folder.
fs::path find_csv(const DataConfig& config, const fs::path& root) {
  for (const auto& place : {root / config.csv, fs::path(config.csv)}) {
    if (fs::exists(place)) return place;
  }
  throw DataError(config.csv + ": no such file, nor in " + root.string() +
                  "; expected a table with a column of file names (data.csv); data.csv= does without" +
                  did_you_mean_path(root / config.csv, fs::file_type::regular));
}

ListedImages list_by_table(const fs::path& root, FolderScan& scan, const DataConfig& config) {
  const WantedColumns wanted = wanted_columns(config);
  const TextTable table = read_image_table(find_csv(config, root), wanted);
  if (table.rows() == 0) throw DataError(table.path.string() + ": a header alone; expected rows below it");
  for (const auto& name : scan.tables) {
    if (root / name != table.path) scan.left_out.add_minor("other files", name);
  }
  const TableRoles roles = table_roles(table);
  TableImages found = find_table_images(table, table.columns[roles.file], root, scan, config.skip_unreadable);
  FolderDivision divided;
  if (roles.split) {
    const auto all = splits_of_column(table, table.columns[*roles.split]);
    for (const int64_t row : found.rows) divided.splits.push_back(all[row]);
    divided.division = "divided by column " + table.columns[*roles.split].name;
  } else {
    divided = with_context(root.string(), [&] { return divide_by_folders(found.names); });
  }
  ListedImages images = listed_files(root, std::move(found.names), std::move(divided.splits));
  const TableAttributes attributes = attributes_of_columns(table, roles.attributes, wanted);
  images.attributes = attributes.table.rows(at::tensor(found.rows, at::kLong));
  images.division = std::move(divided.division);
  if (config.folders != FolderMeaning::kAuto)
    images.remarks.emplace_back("data.folders says nothing beside data.csv");
  if (!roles.remark.empty()) images.remarks.push_back(roles.remark);
  images.remarks.insert(images.remarks.end(), attributes.remarks.begin(), attributes.remarks.end());
  images.left_out = attributes.left_out;
  images.left_out.append(scan.left_out);
  return images;
}

/// Returns `images`. Throws DataError, with what was found instead, if there are none.
ListedImages checked(ListedImages images, const fs::path& root) {
  if (!images.names.empty()) return images;
  const std::string left_out = left_out_line({.shown = root.string(), .left_out = images.left_out}, true);
  throw DataError((left_out.empty() ? root.string() + ": " : left_out + "; ") + "no images; expected " +
                  kImageFiles + ", there or in folders below; name the right folder");
}

}  // namespace

ListedImages list_image_folder(const DataConfig& config) {
  const auto root = data_folder(config, kImageFiles);
  FolderScan scan = scan_folder(root);
  return checked(config.csv.empty() ? list_by_folders(root, scan, {.meaning = config.folders})
                                    : list_by_table(root, scan, config),
                 root);
}

ListedImages list_whole_folder(const DataConfig& config) {
  const auto root = data_folder(config, kImageFiles);
  return checked(list_by_folders(root, scan_folder(root), {.divides = false}), root);
}

}  // namespace patronus
