// Data sets as people have them, drawn by ../shared/field-cases/make.py beside the checkout, which says in
// EXPECTED what each must give.
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "data/data_files.h"
#include "support/python.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

class FieldCases : public testing::Test {
 protected:
  void SetUp() override {
    if (!problem().empty()) GTEST_SKIP() << problem();
  }

  /// Why there are no cases; they are drawn once.
  static const std::string& problem() {
    static const std::string text = [] {
      const fs::path script = fs::path(PATRONUS_SOURCE_DIR).parent_path() / "shared/field-cases/make.py";
      if (!fs::exists(script)) return script.string() + " does not exist";
      const auto python = test::python_with("numpy, PIL");
      if (!python) return std::string("no Python with numpy and Pillow");
      const auto drawn = test::run_command(*python, {script.string(), folder().path().string()}, ".");
      return drawn.status == 0 ? std::string() : drawn.errors;
    }();
    return text;
  }
  static const test::TemporaryFolder& folder() {
    static const test::TemporaryFolder drawn;
    return drawn;
  }
  static DataListing open_case(const std::string& name, DataKind kind = DataKind::kImages,
                               const std::string& csv = "") {
    DataConfig config;
    config.kind = kind;
    config.path = (folder() / name).string();
    config.csv = csv;
    config.cache = (folder() / "cache").string();
    config.channels = kind == DataKind::kFashionMnist ? 1 : 3;
    return DataListing(config);
  }
  /// What is said of a case, without its path.
  static std::string said(const DataListing& listing) {
    const DataReport& report = listing.report();
    std::string text;
    for (const auto& line : {found_line(report), left_out_line(report, false), left_out_line(report, true)}) {
      if (!line.empty()) text += line.substr(report.shown.size()) + "\n";
    }
    return text;
  }
  static void expect_said(const DataListing& listing, const std::string& part) {
    EXPECT_NE(said(listing).find(part), std::string::npos) << said(listing);
  }
};

TEST_F(FieldCases, TrainVal) {
  const auto listing = open_case("train_val");
  expect_said(
      listing,
      ": 20 training and 6 test images (divided by the folders train, val; validation images are the test "
      "images); no attributes\n");
}

TEST_F(FieldCases, Mixed) {
  const auto listing = open_case("mixed");
  EXPECT_EQ(listing.report().images.total(), 50);
  expect_said(listing, "no attributes; images and folders side by side: the folders are no classes");
}

TEST_F(FieldCases, OtherFormats) {
  auto listing = open_case("other_formats");
  EXPECT_EQ(listing.open(Split::kTrain).size() + listing.open(Split::kTest).size(), 50);
}

TEST_F(FieldCases, NestedThousands) {
  const auto listing = open_case("nested_thousands");
  EXPECT_EQ(listing.report().images.total(), 45);
  EXPECT_TRUE(listing.report().attributes.empty());
}

TEST_F(FieldCases, Exif) {
  const auto images = open_case("exif").open(Split::kTrain).slice(0, 100);
  EXPECT_EQ(images.size(0), 18);
  const auto corner = [&](int64_t y, int64_t x, int64_t channel) {
    return images.select(1, channel).narrow(1, y, 8).narrow(2, x, 8).mean().item<float>();
  };
  EXPECT_GT(corner(2, 2, 0), 0.6) << "red";
  EXPECT_LT(corner(2, 2, 1), -0.5);
  EXPECT_LT(corner(22, 2, 0), 0.5) << "below it the picture's own colour";
}

TEST_F(FieldCases, CsvHalf) {
  const auto listing = open_case("csv_half", DataKind::kImages, "attributes.csv");
  EXPECT_EQ(listing.report().images.total(), 12);
  expect_said(listing,
              "left out: images that attributes.csv does not name: 12 (12.png, 13.png, 14.png, ...)");
}

TEST_F(FieldCases, CsvBlank) {
  const auto listing = open_case("csv_blank", DataKind::kImages, "attributes.csv");
  expect_said(listing, "hat (1: 8, 0: 8, unknown: 8), smile (1: 12, 0: 12)");
}

TEST_F(FieldCases, CsvWords) {
  const auto listing = open_case("csv_words", DataKind::kImages, "attributes.csv");
  expect_said(listing, "sex (female: 12, male: 12), group (a: 8, b: 8, c: 8); sex: 1 is male");
}

TEST_F(FieldCases, CsvMinus) {
  const auto listing = open_case("csv_minus", DataKind::kImages, "attributes.csv");
  expect_said(listing, "hat (1: 12, 0: 12); -1 is 0");
}

TEST_F(FieldCases, CelebaCsv) {
  auto listing = open_case("celeba_csv", DataKind::kCeleba);
  expect_said(listing,
              ": 30 training and 5 test images (divided by list_eval_partition.csv); Smiling (1: 18, 0: 17), "
              "Male (1: 23, 0: 12)");
  expect_said(listing, "validation images: 5 (");
  EXPECT_EQ(listing.open(Split::kTest).attributes().names, (std::vector<std::string>{"Smiling", "Male"}));
}

TEST_F(FieldCases, CifarPython) {
  auto listing = open_case("cifar_py", DataKind::kCifar10);
  EXPECT_EQ(listing.size(Split::kTrain), 100);
  EXPECT_EQ(listing.open(Split::kTest).size(), 20);
  EXPECT_EQ(listing.report().attributes[0].values[9].first, "truck");
}

TEST_F(FieldCases, TorchvisionFashion) {
  auto listing = open_case("torchvision_fashion", DataKind::kFashionMnist);
  EXPECT_EQ(listing.open(Split::kTrain).size(), 2);
  EXPECT_EQ(listing.open(Split::kTest).size(), 2);
}

TEST_F(FieldCases, CheXpert) {
  auto listing = open_case("chexpert", DataKind::kChexpert);
  EXPECT_EQ(listing.report().images[Split::kTrain], 27);
  EXPECT_EQ(listing.report().images[Split::kTest], 3);
  expect_said(listing, "Sex (Female: 15, Male: 15)");
  expect_said(listing, "Cardiomegaly (1: 8, 0: 8, unknown: 14), Edema (1: 15, 0: 0, unknown: 15)");
  expect_said(listing, "lateral scans: 15");
  EXPECT_EQ(listing.open(Split::kTrain).size(), 27);
}

}  // namespace
}  // namespace patronus
