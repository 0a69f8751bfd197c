#include <ATen/Functions.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

#include "data/image_source.h"
#include "patronus/core/error.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

constexpr char kExpected[] = "img_align_celeba/, list_attr_celeba.txt and list_eval_partition.txt of CelebA";

/// The lines of an official list, split at blanks.
std::vector<std::vector<std::string>> read_words(const fs::path& path) {
  std::ifstream file(path);
  if (!file) {
    throw DataError(path.string() + ": no such file; expected " + kExpected +
                    " in this folder (--data, data.path)");
  }
  std::vector<std::vector<std::string>> lines;
  for (std::string line, word; std::getline(file, line);) {
    auto& words = lines.emplace_back();
    for (std::istringstream stream(line); stream >> word;) words.push_back(word);
  }
  return lines;
}

[[noreturn]] void fail(const fs::path& path, size_t line, const std::string& what) {
  throw DataError(path.string() + ":" + std::to_string(line) + ": " + what);
}

/// The images of a split: 0 training, 1 validation, 2 test.
std::unordered_map<std::string, std::string> read_partition(const fs::path& path) {
  std::unordered_map<std::string, std::string> partition;
  const auto lines = read_words(path);
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    const bool valid =
        lines[i].size() == 2 && (lines[i][1] == "0" || lines[i][1] == "1" || lines[i][1] == "2");
    if (!valid) fail(path, i + 1, "'" + join(lines[i], " ") + "'; expected a file and 0, 1 or 2");
    partition[lines[i][0]] = lines[i][1];
  }
  return partition;
}

/// One row of list_attr_celeba.txt, -1 and 1 as 0 and 1.
void append_values(std::vector<int64_t>& values, const std::vector<std::string>& words, const fs::path& path,
                   size_t line) {
  for (size_t i = 1; i < words.size(); ++i) {
    if (words[i] != "1" && words[i] != "-1")
      fail(path, line, "attribute '" + words[i] + "'; expected 1 or -1");
    values.push_back(words[i] == "1");
  }
}

/// Checks the table's first line, the count of images, against its length: a file cut short would go
/// unnoticed.
void check_count(const fs::path& path, const std::vector<std::vector<std::string>>& lines) {
  if (lines.size() < 2 || lines[0].size() != 1)
    fail(path, 1, "expected the number of images, then the attributes' names");
  size_t rows = 0;
  for (size_t i = 2; i < lines.size(); ++i) rows += !lines[i].empty();
  if (lines[0][0] != std::to_string(rows)) {
    fail(path, 1,
         lines[0][0] + " images announced, " + std::to_string(rows) +
             " listed; the file is truncated or edited, fetch it again or correct the number");
  }
}

fs::path image_folder_of(const fs::path& root) {
  for (const auto& name : {"img_align_celeba", "images"}) {
    if (fs::is_directory(root / name)) return name;
  }
  throw DataError((root / "img_align_celeba").string() + ": no such folder; expected " + kExpected +
                  " in this folder (--data, data.path)");
}

}  // namespace

ImageSource open_celeba(const DataConfig& config, Split split) {
  const auto root = data_folder(config, kExpected);
  const auto table = root / "list_attr_celeba.txt";
  const auto lines = read_words(table);
  const auto partition = read_partition(root / "list_eval_partition.txt");
  const auto folder = image_folder_of(root);
  check_count(table, lines);
  const std::string wanted = split == Split::kTrain ? "0" : "2";
  std::vector<std::string> names;
  std::vector<int64_t> values;
  for (size_t i = 2; i < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    const std::string& file = lines[i][0];
    if (lines[i].size() != lines[1].size() + 1) {
      fail(table, i + 1,
           std::to_string(lines[i].size() - 1) + " attributes; expected " + std::to_string(lines[1].size()));
    }
    const auto found = partition.find(file);
    if (found == partition.end()) fail(table, i + 1, file + " is not in list_eval_partition.txt");
    if (found->second != wanted) continue;
    if (!fs::exists(root / folder / file)) {
      fail(table, i + 1,
           file + " is not in " + (root / folder).string() + "; expected every listed image there");
    }
    names.push_back((folder / file).string());
    append_values(values, lines[i], table, i + 1);
  }
  ImageSource source = source_of_files(root, names, config.channels);
  const auto columns = static_cast<int64_t>(lines[1].size());
  source.attributes = {lines[1], at::tensor(values, at::kLong).reshape({-1, columns}), {}};
  return source;
}

}  // namespace patronus
