// Data sets after public reports of trouble with other programs, in ../shared/field-cases/reported beside the
// checkout. What each must give; those about runs are in tests/cli, those about the cache in cache_test.cpp.
#include <gtest/gtest.h>

#include <algorithm>

#include "data/data_files.h"
#include "patronus/io/atomic_file.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// A data set of a case, the ways in which it is opened, and what must be said of it or go wrong.
struct ReportedCase {
  std::string path;  // "04-other-formats/heic"
  DataKind kind = DataKind::kImages;
  std::string csv{};
  bool skip_unreadable = false;
  std::string expected{};
};

void PrintTo(const ReportedCase& reported, std::ostream* out) {
  *out << reported.path << " " << reported.csv;
}

fs::path reported_cases() {
  return fs::path(PATRONUS_SOURCE_DIR).parent_path() / "shared/field-cases/reported";
}

/// A copy of a case. Links that were lost on the way here, and became files that hold their targets, are
/// links again.
void copy_case(const fs::path& from, const fs::path& to) {
  fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  std::vector<std::pair<fs::path, fs::path>> links;
  for (const auto& entry : fs::recursive_directory_iterator(to)) {
    if (!entry.is_regular_file() || entry.file_size() > 40) continue;
    const fs::path target = read_file(entry.path());
    if (target.string().starts_with("../")) links.emplace_back(entry.path(), target);
  }
  for (const auto& [file, target] : links) {
    fs::remove(file);
    fs::create_symlink(target, file);
  }
}

class Reported : public testing::TestWithParam<ReportedCase> {
 protected:
  void SetUp() override {
    if (!fs::exists(reported_cases())) GTEST_SKIP() << reported_cases() << " does not exist";
  }

  DataConfig config(const ReportedCase& reported) {
    const fs::path path = reported.path;
    copy_case(reported_cases() / *path.begin(), folder_ / "case");
    DataConfig config;
    config.kind = reported.kind;
    config.path = (folder_ / "case" / path.filename().string()).string();
    if (!reported.csv.empty()) config.csv = (folder_ / "case" / reported.csv).string();
    config.cache = (folder_ / "cache").string();
    config.skip_unreadable = reported.skip_unreadable;
    return config;
  }

 private:
  test::TemporaryFolder folder_;
};

TEST_P(Reported, IsReadOrRefusedInOneLine) {
  const DataConfig config = this->config(GetParam());
  std::string said;
  try {
    DataListing listing(config);
    const Dataset train = listing.open(Split::kTrain);
    const Dataset test = listing.size(Split::kTest) > 0 ? listing.open(Split::kTest) : Dataset();
    said = found_line(listing.report()) + "; " + left_out_line(listing.report(), true) + "; opened " +
           std::to_string(train.size()) + " and " + std::to_string(test.size());
  } catch (const DataError& error) {
    said = error.what();
  }
  EXPECT_NE(said.find(GetParam().expected), std::string::npos) << said;
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 0) << said;
}

INSTANTIATE_TEST_SUITE_P(
    Layouts, Reported,
    testing::Values(
        ReportedCase{.path = "04-other-formats/other", .expected = "opened 11 and 1"},
        ReportedCase{.path = "04-other-formats/heic", .expected = ".heic images, which are not read: 6 ("},
        ReportedCase{.path = "05-deeper-folders/mixed",
                     .expected = "images and folders side by side: the folders are no classes"},
        ReportedCase{.path = "05-deeper-folders/partdeep", .expected = "label (A: 6, B: 3)"},
        ReportedCase{.path = "06-train-val/trainval", .expected = "opened 6 and 4"},
        ReportedCase{.path = "06-train-val/cap", .expected = "opened 4 and 4"},
        ReportedCase{.path = "08-jpeg-warnings/warnjpg", .expected = "opened 6 and 1"},
        ReportedCase{.path = "13-skip-unreadable/manybad", .expected = "images cannot be decoded: "},
        ReportedCase{
            .path = "13-skip-unreadable/manybad", .skip_unreadable = true, .expected = "opened 8 and 2"},
        ReportedCase{.path = "19-ffhq-folders/ffhq", .expected = "opened 16 and 2"},
        ReportedCase{.path = "21-csv-unlisted/csvd",
                     .csv = "subset.csv",
                     .expected = "images that subset.csv does not name: 21 ("},
        ReportedCase{.path = "24-cmyk/cmyk", .expected = "opened 2 and 1"}));

INSTANTIATE_TEST_SUITE_P(
    CelebA, Reported,
    testing::Values(
        ReportedCase{.path = "22-celeba/cel_bom", .kind = DataKind::kCeleba, .expected = "opened 40 and 10"},
        ReportedCase{
            .path = "22-celeba/cel_nested", .kind = DataKind::kCeleba, .expected = "opened 40 and 10"},
        ReportedCase{
            .path = "22-celeba/cel_kaggle", .kind = DataKind::kCeleba, .expected = "opened 40 and 10"},
        ReportedCase{.path = "22-celeba/cel_subset",
                     .kind = DataKind::kCeleba,
                     .expected = "images that list_attr_celeba.txt names and that are not there: 36 ("}));

ReportedCase table_case(const std::string& csv, const std::string& expected) {
  return {.path = "25-csv-dialects/csvd", .csv = csv, .expected = expected};
}

INSTANTIATE_TEST_SUITE_P(
    Tables, Reported,
    testing::Values(table_case("File.csv", "smile (1: 15, 0: 15), hat (1: 14, 0: 16)"),
                    table_case("U.csv", "smile (1: 12, 0: 12, unknown: 6), hat (1: 14, 0: 16)"),
                    table_case("age.csv", "smile (1: 15, 0: 15)"),
                    table_case("blank.csv", "smile (1: 12, 0: 12, unknown: 6), hat (1: 14, 0: 16)"),
                    table_case("bool.csv", "smile (1: 15, 0: 15), hat (1: 14, 0: 16)"),
                    table_case("comment.csv", "a comment; expected a header line and rows alone"),
                    table_case("image_id.csv", "smile (1: 15, 0: 15), hat (1: 14, 0: 16)"),
                    table_case("nan.csv", "smile (1: 12, 0: 12, unknown: 6), hat (1: 14, 0: 16)"),
                    table_case("plus.csv", "smile (1: 15, 0: 15), hat (1: 14, 0: 16)"),
                    table_case("semi.csv", "smile (1: 15, 0: 15), hat (1: 14, 0: 16)"),
                    table_case("spaces.csv", "smile (1: 15, 0: 15), hat (1: 14, 0: 16)"),
                    table_case("txt.csv", "label (cat: 10, dog: 10); label: 1 is dog"),
                    table_case("utf16.csv", "smile (1: 15, 0: 15), hat (1: 14, 0: 16)"),
                    table_case("yesno.csv", "smile (1: 15, 0: 15), hat (1: 14, 0: 16)")));

TEST(ReportedPhotos, OfAllOrientationsLieUpright) {
  if (!fs::exists(reported_cases())) GTEST_SKIP() << reported_cases() << " does not exist";
  const test::TemporaryFolder cache;
  DataConfig like;
  like.cache = cache.path().string();
  const auto images = open_folder((reported_cases() / "07-exif/exif").string(), like).slice(0, 100);
  ASSERT_EQ(images.size(0), 8);
  EXPECT_LT((images - images[0]).abs().mean({1, 2, 3}).max().item<float>(), 0.05);
}

}  // namespace
}  // namespace patronus
