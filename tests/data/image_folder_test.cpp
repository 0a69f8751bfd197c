#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <set>

#include "data/data_files.h"
#include "patronus/core/contains.h"
#include "patronus/core/to_vector.h"
#include "patronus/io/atomic_file.h"
#include "support/threads.h"

namespace patronus {
namespace {

using test::DataFolder;
using test::write_plain_png;

std::vector<std::string> file_names(const Dataset& dataset) {
  std::vector<std::string> names;
  for (int64_t i = 0; i < dataset.size(); ++i) names.push_back(dataset.file(i));
  return names;
}

std::vector<int64_t> first_attribute(const Dataset& dataset) {
  return to_vector<int64_t>(dataset.attributes().values.select(1, 0));
}

TEST(ImageFolder, HoldsOutTheSameShareOfAFlatFolderEveryTime) {
  DataFolder data(DataKind::kImages);
  data.config.test_fraction = 0.25;
  for (int i = 0; i < 20; ++i) write_plain_png(data / (std::to_string(i) + ".png"), 8, i);
  write_file(data / "notes.txt", "no image");
  const auto train = file_names(open_dataset(data.config, Split::kTrain));
  const auto test = file_names(open_dataset(data.config, Split::kTest));
  EXPECT_EQ(train.size(), 15u);
  EXPECT_EQ(test.size(), 5u);
  std::set<std::string> all(train.begin(), train.end());
  all.insert(test.begin(), test.end());
  EXPECT_EQ(all.size(), 20u);
  EXPECT_EQ(file_names(open_dataset(data.config, Split::kTest)), test);
  EXPECT_EQ(open_dataset(data.config, Split::kTest).attributes().values.size(1), 0);
}

TEST(ImageFolder, IsDecodedTheSameOnAnyNumberOfThreads) {
  DataFolder data(DataKind::kImages);
  data.config.test_fraction = 0;
  for (int i = 0; i < 9; ++i) write_plain_png(data / (std::to_string(i) + ".png"), 12, 10 * i);
  const auto images = [&](const std::string& cache) {
    data.config.cache = (data / cache).string();
    return open_dataset(data.config, Split::kTrain).slice(0, 9);
  };
  const auto on_one = images("../one");
  const test::Threads two(2);
  EXPECT_TRUE(images("../two").equal(on_one));
}

TEST(ImageFolder, ClassFoldersBecomeLabelsInSortedOrder) {
  DataFolder data(DataKind::kImages);
  data.config.test_fraction = 0;
  write_plain_png(data / "dog/2.png", 8, 20);
  write_plain_png(data / "cat/1.png", 8, 10);
  write_plain_png(data / "dog/1.PNG", 8, 30);
  const Dataset dataset = open_dataset(data.config, Split::kTrain);
  EXPECT_EQ(file_names(dataset), (std::vector<std::string>{"cat/1.png", "dog/1.PNG", "dog/2.png"}));
  EXPECT_EQ(first_attribute(dataset), (std::vector<int64_t>{0, 1, 1}));
  EXPECT_EQ(dataset.attributes().names, std::vector<std::string>{"label"});
  EXPECT_EQ(dataset.attributes().value_names[0], (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(test::level_of(dataset.slice(1, 1)), 30);
}

TEST(ImageFolder, AFolderBesideTheDataSetIsOpenedWholeAndPreparedLikeIt) {
  DataFolder data(DataKind::kImages);
  data.config.test_fraction = 0.5;
  data.config.csv = "attributes.csv";
  write_plain_png(data / "other/dog/2.png", data.config.size, 20);
  write_plain_png(data / "other/cat/1.png", data.config.size, 10);
  const Dataset same = open_folder((data / "other").string(), data.config);
  EXPECT_EQ(file_names(same), (std::vector<std::string>{"cat/1.png", "dog/2.png"}));
  EXPECT_FALSE(same.resized());
  EXPECT_TRUE(images_where(same.attributes(), "label=dog").rows.equal(at::tensor({1}, at::kLong)));
  write_plain_png(data / "large/1.png", 2 * data.config.size, 10);
  const Dataset large = open_folder((data / "large").string(), data.config);
  EXPECT_TRUE(large.resized());
  EXPECT_EQ(large.slice(0, 1).size(2), data.config.size);
}

TEST(ImageFolder, TrainAndTestFoldersAreTheSplitsAndShareTheirLabels) {
  const DataFolder data(DataKind::kImages);
  write_plain_png(data / "train/cat/1.png", 8, 10);
  write_plain_png(data / "train/dog/1.png", 8, 20);
  write_plain_png(data / "test/dog/7.png", 8, 30);
  const Dataset dataset = open_dataset(data.config, Split::kTest);
  EXPECT_EQ(file_names(dataset), std::vector<std::string>{"test/dog/7.png"});
  EXPECT_EQ(first_attribute(dataset), std::vector<int64_t>{1});
  EXPECT_EQ(open_dataset(data.config, Split::kTrain).size(), 2);
}

TEST(ImageFolder, CsvNamesFilesSplitsAndAttributes) {
  DataFolder data(DataKind::kImages);
  data.config.csv = "list.csv";
  for (const auto* name : {"a.png", "b.png", "c.png", "d.png"}) write_plain_png(data / name, 8, 10);
  write_file(data / "list.csv",
             "smile,file,split,age\n1,a.png,train,30\n0.0,c.png,test,41\n0,b.png,train,7\n1,d.png,val,5\n");
  const Dataset dataset = open_dataset(data.config, Split::kTrain);
  EXPECT_EQ(file_names(dataset), (std::vector<std::string>{"a.png", "b.png"}));
  EXPECT_EQ(dataset.attributes().names, (std::vector<std::string>{"smile", "age"}));
  EXPECT_EQ(dataset.attributes().value_names[1], (std::vector<std::string>{"5", "7", "30", "41"}));
  EXPECT_TRUE(dataset.attributes().values.equal(at::tensor({1, 2, 0, 1}, at::kLong).view({2, 2})));
  EXPECT_EQ(file_names(open_dataset(data.config, Split::kTest)), std::vector<std::string>{"c.png"});
}

TEST(ImageFolder, FoldersOfSplitsDivideTheImagesOfACsvWithoutSplits) {
  DataFolder data(DataKind::kImages);
  data.config.csv = "list.csv";
  data.config.folders = FolderMeaning::kClasses;
  for (const auto* name : {"train/a.png", "train/b.png", "test/c.png"}) write_plain_png(data / name, 8, 10);
  write_file(data / "list.csv", "file,hat\ntest/c.png,1\ntrain/a.png,0\ntrain/b.png,1\n");
  const DataListing listing(data.config);
  EXPECT_EQ(listing.report().division, "divided by the folders test, train");
  EXPECT_EQ(listing.size(Split::kTest), 1);
  EXPECT_EQ(listing.file(Split::kTest, 0), "test/c.png");
  EXPECT_TRUE(contains(listing.report().remarks, "data.folders says nothing beside data.csv"));
}

TEST(ImageFolder, ANumberOfTheRowIsNoFileNameBesideAPath) {
  DataFolder data(DataKind::kImages);
  data.config.csv = "list.csv";
  data.config.test_fraction = 0;
  for (const char* name : {"1.png", "2.png"}) write_plain_png(data / name, 8, 10);
  write_file(data / "list.csv", "image_id,path,split,hat\n1,2.png,train,1\n2,1.png,train,0\n");
  DataListing listing(data.config);
  const Dataset dataset = listing.open(Split::kTrain);
  EXPECT_EQ(file_names(dataset), (std::vector<std::string>{"2.png", "1.png"}));
  EXPECT_EQ(to_vector<int64_t>(dataset.attributes().columns({"hat"}).values), (std::vector<int64_t>{1, 0}));
  EXPECT_EQ(listing.report().remarks.front(), "files are named by path, not image_id");
}

/// The message for this list of files, of which only a.png is there.
std::string csv_list_failure(const std::string& text) {
  DataFolder data(DataKind::kImages);
  data.config.csv = "list.csv";
  write_plain_png(data / "a.png", 8, 10);
  write_file(data / "list.csv", text);
  return data.failure();
}

TEST(ImageFolder, MistakesInTheCsvAreNamedWithTheirLine) {
  EXPECT_EQ(csv_list_failure("file,split\na.png,train\n\nb.png,train\n"),
            "DATA/list.csv:4: b.png is not in DATA; expected every listed file there; correct the line, or "
            "the folder with --data FOLDER, or leave such lines out with data.skip_unreadable=true");
  EXPECT_EQ(csv_list_failure("name,split\na.png,train\n"),
            "DATA/list.csv:1: no column of file names; expected one called file, filename, image, image_id "
            "or path; "
            "found name, split; rename name, which names images, to file");
  EXPECT_EQ(csv_list_failure("file,split\na.png,tset\n"),
            "DATA/list.csv:2: split 'tset'; expected train, val or test; did you mean test?");
  EXPECT_EQ(csv_list_failure("file,hat,hat\na.png,1,0\n"),
            "DATA/list.csv:1: two columns are called 'hat'; give each a name of its own");
  EXPECT_EQ(csv_list_failure("file,hat\n"), "DATA/list.csv: a header alone; expected rows below it");
  EXPECT_EQ(csv_list_failure("file,split\na.png,test\n"),
            "DATA: no images in the train split; see data.csv and data.test_fraction");
}

TEST(ImageFolder, MissingAndEmptyFoldersAreNamed) {
  DataFolder data(DataKind::kImages);
  const std::string formats = "JPEG, PNG, WebP, TIFF, BMP, GIF or PPM files";
  EXPECT_EQ(data.failure(),
            "DATA: no images; expected " + formats + ", there or in folders below; name the right folder");
  write_file(data / "IMG_1.HEIC", "x");
  EXPECT_EQ(data.failure(),
            "DATA: left out: .heic images, which are not read: 1 (IMG_1.HEIC); no images; expected " +
                formats + ", there or in folders below; name the right folder");
  data.config.csv = "absent.csv";
  EXPECT_EQ(data.failure(),
            "absent.csv: no such file, nor in DATA; expected a table with a column of file names (data.csv); "
            "data.csv= does without");
  data.config.path += "/nowhere";
  EXPECT_EQ(data.failure(), "DATA: no such folder; expected " + formats +
                                " there; put the data there or name its folder with --data FOLDER");
  data.config.path = "";
  EXPECT_EQ(test::message_of([&] { open_dataset(data.config, Split::kTrain); }),
            "data.path: not set; expected the folder with " + formats + "; name it with --data FOLDER");
}

TEST(ImageFolder, TheTableOfTheDataFolderComesBeforeThatOfThePresentOne) {
  DataFolder data(DataKind::kImages);
  data.config.csv = "list.csv";
  write_plain_png(data / "a.png", 8, 10);
  write_file(data / "list.csv", "file,split\na.png,train\n");
  const auto here = std::filesystem::current_path();
  std::filesystem::current_path(*data.folder / "");
  write_file("list.csv", "file,split\nabsent.png,train\n");
  EXPECT_EQ(open_dataset(data.config, Split::kTrain).size(), 1);
  std::filesystem::current_path(here);
}

TEST(ImageFolder, OneFileInBothHalvesIsRefused) {
  const DataFolder data(DataKind::kImages);
  write_plain_png(data / "train/a.png", 8, 10);
  write_plain_png(data / "train/b.png", 8, 20);
  std::filesystem::create_directory(data / "test");
  std::filesystem::create_hard_link(data / "train/b.png", data / "test/c.png");
  EXPECT_EQ(data.failure(),
            "DATA: test/c.png is a test image and, as train/b.png, a training image: one file; remove one of "
            "the two");
}

TEST(ImageFolder, ReportsWhatItFoundAndWhatItLeftOut) {
  DataFolder data(DataKind::kImages);
  data.config.csv = "list.csv";
  for (const auto* name : {"a.png", "b.png", "c.png", "d.png", "e.png"}) write_plain_png(data / name, 8, 10);
  write_file(data / "photo.heic", "x");
  write_file(data / "other.csv", "x");
  write_file(data / "list.csv",
             ",file,split,hat,sex\n0,a.png,train,1,male\n1,b.png,test,,female\n2,c.png,val,0,male\n"
             "3,d.png,train,0,male\n");
  const DataReport report = DataListing(data.config).report();
  EXPECT_EQ(report.images[Split::kTrain], 2);
  EXPECT_EQ(report.images[Split::kTest], 1);
  const std::string path = data.config.path;
  EXPECT_EQ(found_line(report),
            path +
                ": 2 training and 1 test image (divided by column split); hat (1: 1, 0: 1, unknown: 1), sex "
                "(female: 1, male: 2); sex: 1 is male");
  EXPECT_EQ(
      left_out_line(report, true),
      path +
          ": left out: .heic images, which are not read: 1 (photo.heic); images that list.csv does not name: "
          "1 (e.png)");
  EXPECT_EQ(
      left_out_line(report, false),
      path +
          ": left out: columns without a name: 1 (column 1); other files: 1 (other.csv); validation images: "
          "1 (c.png)");
}

TEST(ImageFolder, RealJpegTreeOpens) {
  const auto archive = test::real_data("cifar10-jpeg.tar.gz");
  if (!std::filesystem::exists(archive)) GTEST_SKIP() << archive << " does not exist";
  DataFolder data(DataKind::kImages);
  data.config.size = 32;
  const auto unpacked = test::run_command(
      "tar", {"-xzf", archive.string(), "--wildcards", "train/*/000*", "test/*/000*"}, data.config.path);
  ASSERT_EQ(unpacked.status, 0) << unpacked.errors;
  const Dataset dataset = open_dataset(data.config, Split::kTest);
  EXPECT_EQ(dataset.size(), 100);
  EXPECT_EQ(dataset.attributes().value_names[0].size(), 10u);
  EXPECT_EQ(dataset.file(10), "test/automobile/0000.jpg");
  EXPECT_NEAR(dataset.slice(0, 100).mean().item<float>(), -0.05, 0.1);  // CIFAR-10's mean is 0.47 of white
}

TEST(ImageFolder, AConditionLeavesOutBlanksAndCountsThem) {
  DataFolder data(DataKind::kImages);
  data.config.csv = "list.csv";
  data.config.where = "hat=1 and age>=30";
  write_file(data / "list.csv",
             "file,split,hat,age\na.png,train,1,30\nb.png,train,,41\nc.png,train,1,7\n"
             "d.png,test,1,41\ne.png,test,0,\nf.png,train,1,\n");
  for (const char* name : {"a.png", "b.png", "c.png", "d.png", "e.png", "f.png"})
    write_plain_png(data / name, 8, 10);
  DataListing listing(data.config);
  EXPECT_EQ(listing.size(Split::kTrain), 1);
  EXPECT_EQ(listing.open(Split::kTrain).file(0), "a.png");
  EXPECT_EQ(listing.open(Split::kTest).file(0), "d.png");
  EXPECT_EQ(left_out_line(listing.report(), true),
            data.config.path + ": left out: images of which data.where is unknown: 2 (b.png, f.png)");
  EXPECT_EQ(left_out_line(listing.report(), false),
            data.config.path + ": left out: images for which data.where does not hold: 2 (c.png, e.png)");
  data.config.attributes = {"hat"};
  const Dataset chosen = open_dataset(data.config, Split::kTest);
  EXPECT_EQ(chosen.size(), 1) << "age may be spoken of, though it is not taken";
  EXPECT_EQ(chosen.attributes().names, std::vector<std::string>{"hat"});
}

TEST(ImageFolder, OfColumnsThatNobodyAsksForNothingIsSaid) {
  DataFolder data(DataKind::kImages);
  data.config.csv = "list.csv";
  data.config.attributes = {"hat"};
  data.config.where = "age>=30";
  write_file(data / "list.csv", "file,split,hat,age,sex\na.png,train,1,30,f\nb.png,test,0,41,m\n");
  for (const char* name : {"a.png", "b.png"}) write_plain_png(data / name, 8, 10);
  const DataListing listing(data.config);
  for (const auto& remark : listing.report().remarks)
    EXPECT_EQ(remark.find("sex"), std::string::npos) << remark;
}

TEST(ImageFolder, ThatFoldersHaveImagesInBothHalvesIsSaid) {
  DataFolder data(DataKind::kImages);
  data.config.folders = FolderMeaning::kNone;
  data.config.test_fraction = 0.5;
  for (int i = 0; i < 40; ++i)
    write_plain_png(data / ("p" + std::to_string(i % 2) + "/" + std::to_string(i) + ".png"), 8, i);
  EXPECT_NE(DataListing(data.config).report().division.find("images of 2 folders are in both halves"),
            std::string::npos);
  DataFolder nested(DataKind::kImages);
  nested.config.folders = FolderMeaning::kNone;
  for (int i = 0; i < 24; ++i)
    write_plain_png(nested / ("set/p" + std::to_string(i / 8) + "/s" + std::to_string(i % 8) + "/v.png"), 8,
                    i);
  EXPECT_NE(DataListing(nested.config).report().division.find("are in both halves"), std::string::npos)
      << "of a patient's studies, that is; but not of the folder around all";
  DataFolder flat(DataKind::kImages);
  flat.config.folders = FolderMeaning::kNone;
  for (int i = 0; i < 8; ++i) write_plain_png(flat / (std::to_string(i) + ".png"), 8, i);
  EXPECT_EQ(DataListing(flat.config).report().division.find("both halves"), std::string::npos);
}

}  // namespace
}  // namespace patronus
