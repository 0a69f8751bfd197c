#include <ATen/Functions.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "data/image_source.h"
#include "patronus/core/error.h"
#include "patronus/core/random.h"
#include "patronus/io/table.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// Images with the values of their attributes.
struct Listing {
  std::vector<std::string> names;  // paths below the data folder
  std::vector<std::vector<int64_t>> values;
  std::vector<std::string> attributes;
  std::vector<std::string> classes;
};

bool is_image(const fs::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return ending == ".jpg" || ending == ".jpeg" || ending == ".png";
}

/// Names of the images directly in `folder`, or of its sub-folders, sorted; hidden ones are left out.
std::vector<std::string> sorted_entries(const fs::path& folder, bool images) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const bool wanted = images ? is_image(name) && !entry.is_directory() : entry.is_directory();
    if (wanted && !name.starts_with('.')) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// Images directly in the folder `part` of `root` (or in `root`), or else in one sub-folder a class.
Listing list_folder(const fs::path& root, const std::string& part, const std::vector<std::string>& classes) {
  Listing listing;
  const fs::path below = part, folder = part.empty() ? root : root / part;
  for (const auto& name : sorted_entries(folder, true)) listing.names.push_back((below / name).string());
  listing.values.resize(listing.names.size());
  if (!listing.names.empty()) return listing;
  listing.attributes = {"label"};
  listing.classes = classes;
  for (const auto& name : sorted_entries(folder, false)) {
    const auto images = sorted_entries(folder / name, true);
    if (images.empty()) {
      throw DataError(
          (folder / name).string() +
          ": no images; expected .jpg, .jpeg or .png files in every class folder; fill or remove it");
    }
    const int64_t label = std::lower_bound(classes.begin(), classes.end(), name) - classes.begin();
    for (const auto& image : images) listing.names.push_back((below / name / image).string());
    listing.values.resize(listing.names.size(), {label});
  }
  if (!listing.names.empty()) return listing;
  throw DataError(folder.string() +
                  ": no images; expected .jpg, .jpeg or .png files, or one folder of them a class; name the "
      "right folder");
}

Listing chosen(const Listing& all, const std::vector<size_t>& rows) {
  Listing listing{.names = {}, .values = {}, .attributes = all.attributes, .classes = all.classes};
  for (const size_t row : rows) {
    listing.names.push_back(all.names[row]);
    listing.values.push_back(all.values[row]);
  }
  return listing;
}

/// The part of an undivided data set that belongs to `split`. It is the order of the names' hashes that
/// decides, so that neither the file system nor the program's seed moves an image from training to test.
Listing held_out(const Listing& all, double test_fraction, Split split) {
  std::vector<std::pair<uint64_t, size_t>> order;
  for (size_t i = 0; i < all.names.size(); ++i) order.emplace_back(derive_seed(0, all.names[i]), i);
  std::sort(order.begin(), order.end());
  const auto share = static_cast<size_t>(std::llround(test_fraction * static_cast<double>(order.size())));
  const size_t tests = test_fraction > 0 ? std::max<size_t>(share, 1) : 0;
  std::vector<size_t> rows;
  for (size_t i = 0; i < order.size(); ++i) {
    if ((i < tests) == (split == Split::kTest)) rows.push_back(order[i].second);
  }
  std::sort(rows.begin(), rows.end());
  return chosen(all, rows);
}

Listing list_folders(const fs::path& root, const DataConfig& config, Split split) {
  if (!fs::is_directory(root / "train") || !fs::is_directory(root / "test")) {
    return held_out(list_folder(root, "", sorted_entries(root, false)), config.test_fraction, split);
  }
  // The same class has the same label in both splits, even if one of them lacks another class.
  const auto train = sorted_entries(root / "train", false), test = sorted_entries(root / "test", false);
  std::set<std::string> classes(train.begin(), train.end());
  classes.insert(test.begin(), test.end());
  return list_folder(root, to_string(split), {classes.begin(), classes.end()});
}

std::string at_line(const fs::path& csv, size_t line) {
  return csv.string() + ":" + std::to_string(line) + ": ";
}

/// 0/1 flags and class numbers; "1.0", as data frames write them, too.
int64_t integer_cell(const std::string& cell, const std::string& column, const std::string& where) {
  double number = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
  const bool whole = error == std::errc() && end == cell.data() + cell.size() && std::abs(number) < 0x1p53;
  if (!whole || number != std::floor(number)) {
    throw DataError(where + "column " + column + " is '" + cell + "'; expected an integer");
  }
  return static_cast<int64_t>(number);
}

bool belongs(const std::string& cell, Split split, const std::string& where) {
  static const std::vector<std::string> kSplits{"train", "val", "test"};
  if (std::find(kSplits.begin(), kSplits.end(), cell) == kSplits.end()) {
    throw DataError(where + "split '" + cell + "'; expected train, val or test" +
                    did_you_mean(cell, kSplits));
  }
  return cell == to_string(split);
}

/// Column number of `name`, or the number of columns.
size_t find_column(const Table& table, const std::string& name) {
  return static_cast<size_t>(std::find(table.columns.begin(), table.columns.end(), name) -
                             table.columns.begin());
}

Listing list_csv(const fs::path& root, const fs::path& csv, const DataConfig& config, Split split) {
  const Table table = read_csv(csv);
  const size_t none = table.columns.size();
  const size_t file_column = find_column(table, "file"), split_column = find_column(table, "split");
  if (file_column == none) {
    throw DataError(at_line(csv, 1) +
                    "no column 'file'; expected file, split (optional) and attributes; found " +
                    join(table.columns));
  }
  Listing listing;
  for (size_t c = 0; c < none; ++c) {
    if (c != file_column && c != split_column) listing.attributes.push_back(table.columns[c]);
  }
  for (size_t r = 0; r < table.rows.size(); ++r) {
    const auto& row = table.rows[r];
    const std::string where = at_line(csv, table.lines[r]);
    if (split_column != none && !belongs(row[split_column], split, where)) continue;
    if (!fs::exists(root / row[file_column])) {
      throw DataError(
          where + row[file_column] + " is not in " + root.string() +
          "; expected every listed file there; correct the line, or the folder with --data FOLDER");
    }
    listing.names.push_back(row[file_column]);
    auto& values = listing.values.emplace_back();
    for (size_t c = 0; c < none; ++c) {
      if (c != file_column && c != split_column)
        values.push_back(integer_cell(row[c], table.columns[c], where));
    }
  }
  return split_column == none ? held_out(listing, config.test_fraction, split) : listing;
}

/// `config.csv` as given, or below the data folder.
fs::path find_csv(const DataConfig& config, const fs::path& root) {
  if (fs::exists(config.csv)) return config.csv;
  if (fs::exists(root / config.csv)) return root / config.csv;
  throw DataError(config.csv + ": no such file, nor in " + root.string() +
                  "; expected a CSV file with a column 'file' (data.csv)");
}

}  // namespace

ImageSource open_image_folder(const DataConfig& config, Split split) {
  const auto root = data_folder(config, "JPEG or PNG files");
  const Listing listing = config.csv.empty() ? list_folders(root, config, split)
                                             : list_csv(root, find_csv(config, root), config, split);
  ImageSource source = source_of_files(root, listing.names, config.channels);
  const auto count = static_cast<int64_t>(listing.names.size());
  const auto columns = static_cast<int64_t>(listing.attributes.size());
  source.attributes = {listing.attributes, at::empty({count, columns}, at::kLong), listing.classes};
  auto* value = source.attributes.values.mutable_data_ptr<int64_t>();
  for (const auto& row : listing.values) value = std::copy(row.begin(), row.end(), value);
  return source;
}

}  // namespace patronus
