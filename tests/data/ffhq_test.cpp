// FFHQ with its nested folders and a table of FFHQ-Aging's attributes. What is counted must be what a few
// lines of Python count that read the same table.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "data/data_files.h"
#include "patronus/io/atomic_file.h"
#include "support/python.h"

namespace patronus {
namespace {

/// {split: {attribute: {cell: rows}}}.
constexpr const char* kCountCells = R"(
import collections, csv, json, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
print(json.dumps({split: {name: collections.Counter(row[name] for row in rows if row["split"] == split)
                          for name in ("age_group", "gender", "glasses")}
                  for split in ("train", "test", "val")}))
)";

/// Splits, with the table's words for them.
constexpr std::pair<Split, const char*> kFfhqSplits[] = {
    {Split::kTrain, "train"}, {Split::kTest, "test"}, {Split::kValidation, "val"}};

std::string five_digits(int64_t number) {
  const std::string digits = std::to_string(number);
  return std::string(5 - digits.size(), '0') + digits;
}

/// 00000/00000.png ... 02000/02039.png, of which the table knows nearly everything.
struct FfhqFolder {
  test::DataFolder data{DataKind::kImages};

  FfhqFolder() {
    data.config.csv = "ffhq.csv";
    std::string table = "file,split,age_group,gender,glasses\n";
    for (int64_t i = 0; i < 120; ++i) {
      const int64_t thousand = 1000 * (i / 40);
      const std::string name = five_digits(thousand) + "/" + five_digits(thousand + i % 40) + ".png";
      test::write_plain_png(data / name, data.config.size, i);
      table += name + "," + row(i) + "\n";
    }
    write_file(data / "ffhq.csv", table);
  }

  static std::string row(int64_t i) {
    constexpr const char* kAges[] = {"0-2", "3-6", "20-29", "70-120"};
    constexpr const char* kGlasses[] = {"None", "Normal", "None", "Dark"};
    const std::string split = i % 5 == 0 ? "test" : i % 5 == 1 ? "val" : "train";
    const std::string gender = i % 11 == 0 ? "" : i % 3 == 0 ? "female" : "male";
    const std::string glasses = i % 13 == 0 ? "" : kGlasses[(i + i / 7) % 4];
    return split + "," + kAges[(i + i / 9) % 4] + "," + gender + "," + glasses;
  }
};

/// {attribute: {value: images}} of a split as the report says, "" for unknown ones.
nlohmann::json reported_counts(const DataReport& report, Split split) {
  nlohmann::json counts;
  for (const auto& attribute : report.attributes) {
    auto& of_attribute = counts[attribute.name];
    for (const auto& [value, images] : attribute.values) {
      if (images[split] > 0) of_attribute[value] = images[split];
    }
    if (attribute.unknown[split] > 0) of_attribute[""] = attribute.unknown[split];
  }
  return counts;
}

/// The same, image by image of an opened split.
nlohmann::json opened_counts(const AttributeTable& table) {
  std::map<std::string, std::map<std::string, int64_t>> counts;
  const auto values = table.values.contiguous();
  const auto value = values.accessor<int64_t, 2>();
  for (size_t a = 0; a < table.names.size(); ++a) {
    for (int64_t i = 0; i < value.size(0); ++i) {
      const int64_t v = value[i][static_cast<int64_t>(a)];
      ++counts[table.names[a]][v == kUnknown ? "" : table.value_names[a].at(static_cast<size_t>(v))];
    }
  }
  return counts;
}

TEST(Ffhq, CountsAreThoseThatPythonReadsFromTheSameTable) {
  const auto python = test::python_with("csv");
  if (!python) GTEST_SKIP() << "no Python";
  const FfhqFolder ffhq;
  const auto counted = test::run_python(*python, kCountCells, {(ffhq.data / "ffhq.csv").string()});
  ASSERT_EQ(counted.status, 0) << counted.errors;
  const auto expected = nlohmann::json::parse(counted.output);
  DataListing listing(ffhq.data.config);
  for (const auto& [split, word] : kFfhqSplits) {
    EXPECT_EQ(reported_counts(listing.report(), split), expected[word]) << word;
    EXPECT_EQ(opened_counts(listing.open(split).attributes()), expected[word]) << word;
  }
}

TEST(Ffhq, WhoWearsNoGlassesIsKnown) {
  const FfhqFolder ffhq;
  const DataReport report = DataListing(ffhq.data.config).report();
  EXPECT_EQ(report.remarks, (std::vector<std::string>{"gender: 1 is male", "glasses: None is a value"}));
  ASSERT_EQ(report.attributes.size(), 3u);
  const AttributeCounts& glasses = report.attributes[2];
  ASSERT_EQ(glasses.values.size(), 3u);
  EXPECT_EQ(glasses.values[1].first, "None");
  EXPECT_GT(glasses.values[1].second[Split::kTrain], glasses.values[2].second[Split::kTrain])
      << "most wear none";
}

}  // namespace
}  // namespace patronus
