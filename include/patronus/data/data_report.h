#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "patronus/data/data_config.h"
#include "patronus/io/json_text.h"

namespace patronus {

/// Items of a data set that are not used, for one reason.
struct LeftOut {
  std::string what{};  // "images that list.csv does not name"
  int64_t count = 0;
  std::vector<std::string> examples{};  // first three names
  bool matters = true;                  // false for items that are always left out
};

/// Counts left-out items by reason and keeps the first names of each.
class LeftOutList {
 public:
  /// Adds an image, or something else that the user may miss.
  void add(const std::string& what, const std::string& name) { add({what, 1, {name}, true}); }
  /// Adds an item that is always left out.
  void add_minor(const std::string& what, const std::string& name) { add({what, 1, {name}, false}); }
  void append(const LeftOutList& more);

  auto begin() const { return list_.begin(); }
  auto end() const { return list_.end(); }
  size_t size() const { return list_.size(); }
  const LeftOut& operator[](size_t i) const { return list_[i]; }

 private:
  void add(const LeftOut& more);

  std::vector<LeftOut> list_;
};

/// Test images with the same pixels as a training image, which do not measure generalisation.
struct Copies {
  int64_t count = 0;
  std::vector<std::string> examples{};  // first three: "test/b.png of train/a.png"

  void add(const std::string& example);
};

/// Number of images in each split.
struct SplitCount : PerSplit<int64_t> {
  int64_t total() const;  // of training and test images
};

/// Number of images with each value of an attribute.
struct AttributeCounts {
  std::string name{};
  bool yes_or_no = false;  // values are 0 and 1, without names
  std::vector<std::pair<std::string, SplitCount>> values{};
  SplitCount unknown{};
};

/// Result of opening a data set: what was found and what was left out.
struct DataReport {
  std::string kind{};
  std::string path{};   // absolute; empty for drawn images
  std::string shown{};  // name in messages: the path as typed, or the kind
  SplitCount images{};
  std::string division{};  // "divided by column split", "10% held out"; empty for one undivided set
  std::vector<AttributeCounts> attributes{};
  std::vector<std::string> remarks{};  // interpretations of the data: "-1 is 0"
  LeftOutList left_out{};
  Copies copies{};              // counted once both splits are decoded
  std::string preprocessing{};  // "3 x 64 x 64, squash"
  // What must stay the same for a run to resume with this data, in words and hashes: preprocessing, and names
  // and sizes of each split's images (for images in memory, their content). Independent of paths and times.
  std::vector<std::pair<std::string, std::string>> identity{};
};

/// One-line summary: images by split, classes and attributes with value counts (the first few of many),
/// remarks.
std::string found_line(const DataReport& report);

/// One-line summary of what was left out, either what matters or the rest; empty if nothing.
std::string left_out_line(const DataReport& report, bool matters);

/// Logs what was left out, once per process; what matters as a warning.
void log_left_out(const DataReport& report);

/// One line with the number of test images that are copies of training images, and examples; empty if none.
std::string copies_line(const DataReport& report);

/// Logs what was found, once per process and report, and what was left out (log_left_out).
void log_report(const DataReport& report);

/// Number of images in each split as JSON: {"train": 8, "test": 2, "validation": 0}.
Json count_json(const SplitCount& count);

/// The whole report as a JSON object.
Json to_json(const DataReport& report);

}  // namespace patronus
