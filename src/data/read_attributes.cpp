#include "patronus/data/read_attributes.h"

#include <ATen/Functions.h>

#include <unordered_map>

#include "data/image_index.h"
#include "data/table_attributes.h"
#include "data/table_images.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/text.h"
#include "patronus/data/data_report.h"
#include "patronus/io/text_table.h"

namespace patronus {
namespace {

/// Row of each image that the table names. Throws DataError for an ambiguous or repeated name.
std::unordered_map<std::string, size_t> rows_by_file(const TextTable& table, size_t column,
                                                     const std::vector<std::string>& files) {
  const ImageIndex index(files);
  std::unordered_map<std::string, size_t> rows;
  for (size_t row = 0; row < table.rows(); ++row) {
    const std::string& cell = table.columns[column].cell(row);
    const std::string* file = index.find(cell);
    if (file == nullptr) {
      const std::string several = index.several(cell);
      if (several.empty()) continue;
      throw DataError(table.where(row) + cell + " may be " + several + "; give its folder in the table");
    }
    if (const auto [first, is_new] = rows.emplace(*file, row); !is_new)
      table.fail_repeated(row, first->second, cell);
  }
  return rows;
}

/// Logs how ambiguous columns of the table were read, and which were left out.
void log_reading(const std::filesystem::path& path, const TableAttributes& read) {
  if (!read.remarks.empty()) log_info(path.string() + ": " + join(read.remarks, "; "));
  log_left_out({.shown = path.string(), .left_out = read.left_out});
}

}  // namespace

AttributeTable read_attributes(const std::filesystem::path& path, const std::vector<std::string>& files) {
  const TextTable table = read_image_table(path, {});
  const TableRoles roles = table_roles(table);
  const auto rows = rows_by_file(table, roles.file, files);
  std::vector<int64_t> chosen;
  std::vector<std::string> missing;
  for (const auto& file : files) {
    const auto row = rows.find(file);
    if (row == rows.end()) {
      missing.push_back(file);
    } else {
      chosen.push_back(static_cast<int64_t>(row->second));
    }
  }
  if (!missing.empty()) {
    throw DataError(path.string() + ": misses " + std::to_string(missing.size()) + " of " +
                    std::to_string(files.size()) + " images, the first is " + missing.front() +
                    "; expected a row for every image");
  }
  const TableAttributes all = attributes_of_columns(table, roles.attributes, {});
  if (all.table.names.empty()) {
    throw DataError(table.where_header() + "no column of attributes; expected one beside the file names");
  }
  log_reading(path, all);
  return all.table.rows(at::tensor(chosen, at::kLong));
}

}  // namespace patronus
