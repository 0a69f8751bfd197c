#include <ATen/Functions.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/listed_images.h"
#include "data/table_images.h"
#include "patronus/core/error.h"
#include "patronus/io/text_table.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

constexpr char kCelebaFiles[] =
    "img_align_celeba/, list_attr_celeba and list_eval_partition (.txt or .csv) of CelebA";

/// The file `name`.txt or .csv in the data folder, or in its subfolder `folder` as in the official layout.
std::optional<fs::path> part_in(const fs::path& root, const std::string& folder, const std::string& name) {
  const std::vector<std::string> names{name + ".txt", name + ".csv", folder + "/" + name + ".txt",
                                       folder + "/" + name + ".csv"};
  return first_existing(root, names);
}

fs::path find_part(const fs::path& root, const std::string& folder, const std::string& name) {
  if (const auto part = part_in(root, folder, name)) return *part;
  fail_missing(root / (name + ".txt"), kCelebaFiles);
}

void add_row(TextTable& table, size_t line, const WordLine& words) {
  if (words.size() != table.columns.size()) {
    throw DataError(table.where_line(line) + std::to_string(words.size() - 1) + " attributes; expected " +
                    std::to_string(table.columns.size() - 1));
  }
  for (size_t c = 0; c < words.size(); ++c) table.columns[c].append(words[c]);
  table.lines.push_back(line);
}

/// Reads list_attr_celeba.txt: the number of images; the names of the attributes; then per line a file name
/// and its values. Checks the number, because a truncated file would otherwise go unnoticed.
TextTable read_official_table(const fs::path& path) {
  TextTable table{.path = path, .columns = {}, .lines = {}};
  std::string announced;
  for_each_word_line(path, [&](size_t line, const WordLine& words) {
    if (line == 1 && words.size() == 1) announced = words[0];
    if (announced.empty()) {
      throw DataError(table.where_header() + "expected the number of images, then the attributes' names");
    }
    if (line == 1) return;
    if (!table.columns.empty()) return add_row(table, line, words);
    table.columns.emplace_back().name = "file";
    for (const auto word : words) table.columns.emplace_back().name = word;
  });
  if (announced != std::to_string(table.rows())) {
    throw DataError(table.where_header() + announced + " images announced, " + std::to_string(table.rows()) +
                    " listed; the file is truncated or edited, fetch it again or correct the number");
  }
  return table;
}

/// Reads CelebA's attributes; file names are in the first column.
TextTable read_attributes(const fs::path& root) {
  const fs::path path = find_part(root, "Anno", "list_attr_celeba");
  return path.extension() == ".csv" ? read_text_table(path) : read_official_table(path);
}

struct Partition {
  TextTable table;  // file names in the first column, all different
  GivenSplits splits;
};

/// Reads list_eval_partition: 0 is training, 1 validation, 2 test.
Partition read_partition(const fs::path& path) {
  TextTable table{.path = path, .columns = std::vector<TextColumn>(2), .lines = {}};
  if (path.extension() == ".csv") {
    table = read_text_table(path);
    if (table.columns.size() != 2)
      throw DataError(table.where_header() + "expected the columns image_id and partition");
  } else {
    for_each_word_line(path, [&](size_t line, const WordLine& words) {
      if (words.size() != 2) throw DataError(table.where_line(line) + "expected a file and 0, 1 or 2");
      add_row(table, line, words);
    });
  }
  const TextColumn& files = table.columns[0];
  for (size_t row = 0; row < table.rows(); ++row) {
    if (const int32_t code = files.codes()[row]; code != static_cast<int32_t>(row))
      table.fail_repeated(row, files.first_row(code), files.cell(row));
  }
  auto splits = splits_of_column(table, table.columns[1]);
  return {std::move(table), std::move(splits)};
}

/// Folder of the images. Unpacking sometimes nests it in a folder of the same name.
fs::path find_images(const fs::path& root) {
  const std::vector<std::string> places{"img_align_celeba/img_align_celeba/", "img_align_celeba/",
                                        "Img/img_align_celeba/img_align_celeba/", "Img/img_align_celeba/",
                                        "images/"};
  if (const auto folder = first_existing(root, places))
    return folder->parent_path();  // without the trailing slash
  fail_missing(root / "img_align_celeba/", kCelebaFiles);
}

/// Value of each distinct cell: "1" is 1, "-1" is 0, blank is unknown. Throws DataError for any other.
std::vector<int64_t> values_of_texts(const TextTable& table, const TextColumn& column) {
  std::vector<int64_t> values;
  for (const auto& text : column.texts()) {
    if (!text.empty() && text != "1" && text != "-1") {
      const size_t row = column.first_row(static_cast<int32_t>(values.size()));
      throw DataError(table.where(row) + "attribute '" + text +
                      "'; expected 1 or -1, or nothing where it is not known");
    }
    values.push_back(text.empty() ? kUnknown : text == "1" ? 1 : 0);
  }
  return values;
}

AttributeTable read_values(const TextTable& table, const std::vector<int64_t>& rows) {
  AttributeTable attributes;
  std::vector<at::Tensor> columns;
  for (size_t c = 1; c < table.columns.size(); ++c) {
    const TextColumn& column = table.columns[c];
    const auto value_of = values_of_texts(table, column);
    auto values = at::empty({std::ssize(rows)}, at::kLong);
    std::transform(rows.begin(), rows.end(), values.mutable_data_ptr<int64_t>(),
                   [&](int64_t row) { return value_of[column.codes()[row]]; });
    columns.push_back(values);
    attributes.names.push_back(column.name);
  }
  attributes.values = columns.empty() ? at::empty({std::ssize(rows), 0}, at::kLong) : at::stack(columns, 1);
  attributes.value_names.resize(attributes.names.size());
  return attributes;
}

}  // namespace

bool is_celeba(const fs::path& folder) {
  return part_in(folder, "Anno", "list_attr_celeba").has_value();
}

ListedImages list_celeba(const DataConfig& config) {
  const auto root = data_folder(config, kCelebaFiles);
  const TextTable table = read_attributes(root);
  const fs::path partition_file = find_part(root, "Eval", "list_eval_partition");
  const auto partition = read_partition(partition_file);
  const fs::path folder = find_images(root);
  FolderScan scan = scan_folder(folder);
  TableImages found = find_table_images(table, table.columns[0], folder, scan, /*skip_missing=*/true);
  if (found.names.empty()) {
    throw DataError(table.path.string() + ": none of its images is in " + folder.string() +
                    "; expected them there");
  }
  GivenSplits splits;
  for (const int64_t row : found.rows) {
    const std::string& file = table.columns[0].cell(static_cast<size_t>(row));
    const auto listed = partition.table.columns[0].code_of(file);
    if (!listed) {
      throw DataError(table.where(static_cast<size_t>(row)) + file + " is not in " +
                      partition_file.filename().string());
    }
    splits.push_back(partition.splits[*listed]);
  }
  const fs::path below = folder.lexically_relative(root);
  for (auto& name : found.names) name = (below / name).string();
  ListedImages images = listed_files(root, std::move(found.names), std::move(splits));
  images.attributes = read_values(table, found.rows);
  images.division = "divided by " + partition_file.filename().string();
  images.left_out = scan.left_out;
  return images;
}

}  // namespace patronus
