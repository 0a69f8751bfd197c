#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <set>

#include "data/data_files.h"
#include "patronus/io/atomic_file.h"

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
  const auto column = dataset.attributes().values.select(1, 0).contiguous();
  return {column.const_data_ptr<int64_t>(), column.const_data_ptr<int64_t>() + column.numel()};
}

TEST(ImageFolder, HoldsOutTheSameShareOfAFlatFolderEveryTime) {
  DataFolder data("images");
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

TEST(ImageFolder, ClassFoldersBecomeLabelsInSortedOrder) {
  DataFolder data("images");
  data.config.test_fraction = 0;
  write_plain_png(data / "dog/2.png", 8, 20);
  write_plain_png(data / "cat/1.png", 8, 10);
  write_plain_png(data / "dog/1.PNG", 8, 30);
  const Dataset dataset = open_dataset(data.config, Split::kTrain);
  EXPECT_EQ(file_names(dataset), (std::vector<std::string>{"cat/1.png", "dog/1.PNG", "dog/2.png"}));
  EXPECT_EQ(first_attribute(dataset), (std::vector<int64_t>{0, 1, 1}));
  EXPECT_EQ(dataset.attributes().names, std::vector<std::string>{"label"});
  EXPECT_EQ(dataset.attributes().classes, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(test::level_of(dataset.slice(1, 1)), 30);
}

TEST(ImageFolder, AFolderBesideTheDataSetIsOpenedWholeAndPreparedLikeIt) {
  DataFolder data("images");
  data.config.test_fraction = 0.5;
  data.config.csv = "attributes.csv";
  write_plain_png(data / "other/dog/2.png", data.config.size, 20);
  write_plain_png(data / "other/cat/1.png", data.config.size, 10);
  const Dataset same = open_folder((data / "other").string(), data.config);
  EXPECT_EQ(file_names(same), (std::vector<std::string>{"cat/1.png", "dog/2.png"}));
  EXPECT_FALSE(same.resized());
  EXPECT_TRUE(images_where(same, "label=dog").equal(at::tensor({1}, at::kLong)));
  write_plain_png(data / "large/1.png", 2 * data.config.size, 10);
  const Dataset large = open_folder((data / "large").string(), data.config);
  EXPECT_TRUE(large.resized());
  EXPECT_EQ(large.slice(0, 1).size(2), data.config.size);
}

TEST(ImageFolder, TrainAndTestFoldersAreTheSplitsAndShareTheirLabels) {
  const DataFolder data("images");
  write_plain_png(data / "train/cat/1.png", 8, 10);
  write_plain_png(data / "train/dog/1.png", 8, 20);
  write_plain_png(data / "test/dog/7.png", 8, 30);
  const Dataset dataset = open_dataset(data.config, Split::kTest);
  EXPECT_EQ(file_names(dataset), std::vector<std::string>{"test/dog/7.png"});
  EXPECT_EQ(first_attribute(dataset), std::vector<int64_t>{1});
  EXPECT_EQ(open_dataset(data.config, Split::kTrain).size(), 2);
}

TEST(ImageFolder, CsvNamesFilesSplitsAndAttributes) {
  DataFolder data("images");
  data.config.csv = "list.csv";
  for (const auto* name : {"a.png", "b.png", "c.png", "d.png"}) write_plain_png(data / name, 8, 10);
  write_file(data / "list.csv",
             "smile,file,split,age\n1,a.png,train,30\n0.0,c.png,test,41\n0,b.png,train,7\n1,d.png,val,5\n");
  const Dataset dataset = open_dataset(data.config, Split::kTrain);
  EXPECT_EQ(file_names(dataset), (std::vector<std::string>{"a.png", "b.png"}));
  EXPECT_EQ(dataset.attributes().names, (std::vector<std::string>{"smile", "age"}));
  EXPECT_EQ(dataset.attributes().values.flatten().sum().item<int64_t>(), 1 + 30 + 0 + 7);
  EXPECT_EQ(file_names(open_dataset(data.config, Split::kTest)), std::vector<std::string>{"c.png"});
}

/// The message for this list of files, of which only a.png is there.
std::string csv_list_failure(const std::string& text) {
  DataFolder data("images");
  data.config.csv = "list.csv";
  write_plain_png(data / "a.png", 8, 10);
  write_file(data / "list.csv", text);
  return data.failure();
}

TEST(ImageFolder, MistakesInTheCsvAreNamedWithTheirLine) {
  EXPECT_EQ(csv_list_failure("file,split\na.png,train\n\nb.png,train\n"),
            "DATA/list.csv:4: b.png is not in DATA; expected every listed file there; correct the line, or "
            "the folder "
            "with --data FOLDER");
  EXPECT_EQ(
      csv_list_failure("name,split\na.png,train\n"),
      "DATA/list.csv:1: no column 'file'; expected file, split (optional) and attributes; found name, split");
  EXPECT_EQ(csv_list_failure("file,split\na.png,tset\n"),
            "DATA/list.csv:2: split 'tset'; expected train, val or test; did you mean test?");
  EXPECT_EQ(csv_list_failure("file,smile\na.png,yes\n"),
            "DATA/list.csv:2: column smile is 'yes'; expected an integer");
  EXPECT_EQ(csv_list_failure("file,smile\na.png,0.5\n"),
            "DATA/list.csv:2: column smile is '0.5'; expected an integer");
  EXPECT_EQ(
      csv_list_failure("file,split\na.png,test\n"),
      "DATA: no images in the train split; expected at least one; check data.csv or data.test_fraction");
}

TEST(ImageFolder, MissingAndEmptyFoldersAreNamed) {
  DataFolder data("images");
  EXPECT_EQ(data.failure(),
            "DATA: no images; expected .jpg, .jpeg or .png files, or one folder of them a class; name "
            "the right folder");
  write_plain_png(data / "cat/1.png", 8, 10);
  std::filesystem::create_directory(data / "dog");
  EXPECT_EQ(
      data.failure(),
      "DATA/dog: no images; expected .jpg, .jpeg or .png files in every class folder; fill or remove it");
  data.config.csv = "absent.csv";
  EXPECT_EQ(data.failure(),
            "absent.csv: no such file, nor in DATA; expected a CSV file with a column 'file' (data.csv)");
  data.config.path += "/nowhere";
  EXPECT_EQ(data.failure(),
            "DATA: no such folder; expected JPEG or PNG files there; put the data there or name its "
            "folder with --data FOLDER");
  data.config.path = "";
  EXPECT_EQ(test::message_of([&] { open_dataset(data.config, Split::kTrain); }),
            "data.path: not set; expected the folder with JPEG or PNG files; name it with --data FOLDER");
}

TEST(ImageFolder, RealJpegTreeOpens) {
  const auto archive = test::real_data("cifar10-jpeg.tar.gz");
  if (!std::filesystem::exists(archive)) GTEST_SKIP() << archive << " does not exist";
  DataFolder data("images");
  data.config.size = 32;
  const auto unpacked = test::run_command(
      "tar", {"-xzf", archive.string(), "--wildcards", "train/*/000*", "test/*/000*"}, data.config.path);
  ASSERT_EQ(unpacked.status, 0) << unpacked.errors;
  const Dataset dataset = open_dataset(data.config, Split::kTest);
  EXPECT_EQ(dataset.size(), 100);
  EXPECT_EQ(dataset.attributes().classes.size(), 10u);
  EXPECT_EQ(dataset.file(10), "test/automobile/0000.jpg");
  EXPECT_NEAR(dataset.slice(0, 100).mean().item<float>(), -0.05, 0.1);  // CIFAR-10's mean is 0.47 of white
}

}  // namespace
}  // namespace patronus
