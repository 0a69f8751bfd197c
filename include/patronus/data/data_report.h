#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "patronus/data/data_config.h"
#include "patronus/io/json_text.h"

namespace patronus {

/// Something that lies in a data set and is not used.
struct LeftOut {
  std::string what{};  // "images that list.csv does not name"
  int64_t count = 0;
  std::vector<std::string> examples{};  // the first three names
  bool matters = true;                  // false where it is left out as a matter of course
};

/// Counts what is left out, by reason, and keeps the first names of each.
class LeftOutList {
 public:
  /// An image, or something else that one may miss.
  void add(const std::string& what, const std::string& name) { add({what, 1, {name}, true}); }
  /// What is left out as a matter of course.
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

/// Test images with the pixels of a training image, which say nothing about new images.
struct Copies {
  int64_t count = 0;
  std::vector<std::string> examples{};  // the first three: "test/b.png of train/a.png"

  void add(const std::string& example);
};

/// A number of images in each split.
struct SplitCount : PerSplit<int64_t> {
  int64_t total() const;  // of what is trained on and tested with
};

/// How often an attribute has each of its values.
struct AttributeCounts {
  std::string name{};
  bool yes_or_no = false;  // its values are 0 and 1 and have no words
  std::vector<std::pair<std::string, SplitCount>> values{};
  SplitCount unknown{};
};

/// What opening a data set found, and what it left out.
struct DataReport {
  std::string kind{};
  std::string path{};   // absolute; empty for drawn images
  std::string shown{};  // what messages call the data set: the path as typed, or the kind
  SplitCount images{};
  std::string division{};  // "divided by column split", "10% held out"; empty for one undivided set
  std::vector<AttributeCounts> attributes{};
  std::vector<std::string> remarks{};  // what was taken for what: "-1 is 0"
  LeftOutList left_out{};
  Copies copies{};              // counted once both splits are decoded
  std::string preprocessing{};  // "3 x 64 x 64, squash"
  // What must be the same for a run to go on with the data, in words and hashes: names and sizes (of images
  // in memory: content) of the images of each split, and the preprocessing. Neither paths nor times.
  std::vector<std::pair<std::string, std::string>> identity{};
};

/// One line: images by split, classes and attributes with the counts of their values, remarks. Of many
/// attributes the first few.
std::string found_line(const DataReport& report);

/// One line of what was left out, either of what matters or of the rest; empty where that is nothing.
std::string left_out_line(const DataReport& report, bool matters);

/// Logs what was left out, the first time that the process says so; what matters as a warning.
void log_left_out(const DataReport& report);

/// One line of how many test images are copies of training images, and which; empty where none is.
std::string copies_line(const DataReport& report);

/// Logs what was found, the first time that the process gives this report, and what was left out
/// (log_left_out).
void log_report(const DataReport& report);

/// The number in each part: {"train": 8, "test": 2, "validation": 0}.
Json count_json(const SplitCount& count);

/// All of it, as a JSON object.
Json to_json(const DataReport& report);

}  // namespace patronus
