#include "patronus/data/data_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "data/data_files.h"
#include "patronus/io/atomic_file.h"

namespace patronus {
namespace {

using test::DataFolder;

DataReport small_report() {
  DataReport report{.kind = "images", .path = "/data/set", .shown = "set", .images = {20, 5}};
  report.division = "20% held out, chosen by name";
  report.attributes = {{"hat", true, {{"0", {10, 2}}, {"1", {8, 2}}}, {2, 1}},
                       {"group", false, {{"a", {12, 3}}, {"b", {8, 2}}}, {0, 0}}};
  report.remarks = {"-1 is 0"};
  for (const char* name : {"a.txt", "b.txt", "c.txt", "d.txt"})
    report.left_out.add_minor("other files", name);
  report.left_out.add(".heic images, which are not read", "d.heic");
  return report;
}

TEST(DataReport, SaysInOneLineWhatWasFound) {
  EXPECT_EQ(found_line(small_report()),
            "set: 20 training and 5 test images (20% held out, chosen by name); "
            "hat (1: 10, 0: 12, unknown: 3), group (a: 15, b: 10); -1 is 0");
  DataReport plain = small_report();
  plain.attributes.clear();
  plain.remarks.clear();
  plain.division.clear();
  EXPECT_EQ(found_line(plain), "set: 25 images; no attributes");
}

TEST(DataReport, ShortensManyAttributesAndValues) {
  DataReport report = small_report();
  report.attributes.assign(40, report.attributes[0]);
  EXPECT_NE(found_line(report).find("40 attributes: hat (1: 10, 0: 12, unknown: 3), hat "),
            std::string::npos);
  EXPECT_TRUE(found_line(report).ends_with("unknown: 3), ...; -1 is 0")) << found_line(report);
  AttributeCounts classes{"label", false, {}, {}};
  for (int i = 0; i < 12; ++i) classes.values.push_back({std::to_string(i), {i, 0}});
  report.attributes = {classes};
  EXPECT_NE(found_line(report).find("9: 9, ...)"), std::string::npos) << found_line(report);
}

TEST(DataReport, SaysInOneLineWhatWasLeftOut) {
  EXPECT_EQ(left_out_line(small_report(), false), "set: left out: other files: 4 (a.txt, b.txt, c.txt, ...)");
  EXPECT_EQ(left_out_line(small_report(), true),
            "set: left out: .heic images, which are not read: 1 (d.heic)");
  EXPECT_EQ(left_out_line({}, true), "");
}

TEST(LeftOutList, CountsByReasonAndKeepsTheFirstNames) {
  LeftOutList list, more;
  list.add("odd", "a");
  for (const char* name : {"b", "c", "d"}) more.add("odd", name);
  more.add_minor("even", "e");
  list.append(more);
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].count, 4);
  EXPECT_EQ(list[0].examples, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(list[0].matters);
  EXPECT_FALSE(list[1].matters);
}

TEST(DataReport, IsJsonForTheRun) {
  DataReport report = small_report();
  report.left_out.add("no UTF-8", "\xFF.txt");
  const auto json = Json::parse(json_text(to_json(report)));
  EXPECT_EQ(json["images"]["train"], 20);
  EXPECT_EQ(json["attributes"][0]["values"]["1"]["test"], 2);
  EXPECT_EQ(json["attributes"][0]["unknown"]["train"], 2);
  EXPECT_EQ(json["left_out"][1]["count"], 1);
  EXPECT_EQ(json["remarks"][0], "-1 is 0");
}

TEST(DataReport, CountsWhatIsUsedOnceItWasOpened) {
  DataFolder data(DataKind::kImages);
  data.config.skip_unreadable = true;
  data.config.csv = "list.csv";
  for (const char* name : {"a.png", "b.png", "d.png"}) test::write_plain_png(data / name, 8, 10);
  write_file(data / "c.png", "no picture");
  write_file(data / "list.csv", "file,split,hat\na.png,train,1\nb.png,train,\nc.png,train,1\nd.png,test,0\n");
  DataListing listing(data.config);
  EXPECT_EQ(listing.report().images[Split::kTrain], 3);
  const auto identity = listing.report().identity;
  listing.open(Split::kTrain);
  EXPECT_EQ(found_line(listing.report()),
            data.config.path +
                ": 2 training and 1 test image (divided by column split); hat (1: 1, 0: 1, "
                "unknown: 1)");
  EXPECT_EQ(left_out_line(listing.report(), true),
            data.config.path + ": left out: train images that cannot be decoded: 1 (c.png)");
  EXPECT_EQ(listing.report().identity, identity) << "of what is listed";
  EXPECT_EQ(listing.size(Split::kTrain), 3);
}

/// What identifies a data set of these images, each a file and its side in pixels.
std::vector<std::pair<std::string, std::string>> identity_of(
    const std::vector<std::pair<std::string, int64_t>>& images, Resize resize = Resize::kSquash) {
  DataFolder data(DataKind::kImages);
  data.config.resize = resize;
  for (const auto& [name, side] : images) test::write_plain_png(data / name, side, 10);
  return DataListing(data.config).report().identity;
}

/// The entries in which two identities differ.
std::vector<std::string> differences(const std::vector<std::pair<std::string, std::string>>& a,
                                     const std::vector<std::pair<std::string, std::string>>& b) {
  std::vector<std::string> names;
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].first, b[i].first);
    if (a[i].second != b[i].second) names.push_back(a[i].first);
  }
  return names;
}

TEST(DataReport, IdentifiesTheDataSetWhereverItLies) {
  const std::vector<std::pair<std::string, int64_t>> images{
      {"train/a.png", 8}, {"train/b.png", 9}, {"test/c.png", 8}};
  const auto identity = identity_of(images);
  using Names = std::vector<std::string>;
  EXPECT_EQ(differences(identity, identity_of(images)), Names{}) << "in another folder, at another time";
  EXPECT_EQ(differences(identity, identity_of(images, Resize::kCrop)), Names{"preprocessing"});
  auto other = images;
  other[1].second = 80;
  EXPECT_EQ(differences(identity, identity_of(other)), Names{"sizes of training images"});
  other = images;
  other[2].first = "test/d.png";
  EXPECT_EQ(differences(identity, identity_of(other)), Names{"names of test images"});
  other.push_back({"test/e.png", 8});
  EXPECT_EQ(differences(identity, identity_of(other)).size(), 3u);
}

TEST(DataReport, IdentifiesImagesInMemoryByTheirPixels) {
  const auto identity = [](char value) {
    DataFolder data(DataKind::kCifar10);
    write_file(data / "data_batch_1.bin", std::string(3073, '\1'));
    write_file(data / "test_batch.bin", '\1' + std::string(3072, value));
    return DataListing(data.config).report().identity;
  };
  EXPECT_EQ(differences(identity('a'), identity('b')), std::vector<std::string>{"sizes of test images"});
}

}  // namespace
}  // namespace patronus
