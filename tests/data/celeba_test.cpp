#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <fstream>

#include "data/data_files.h"
#include "patronus/io/atomic_file.h"

namespace patronus {
namespace {

using test::DataFolder;

constexpr char kTable[] =
    "4\nBald Smiling \n000001.jpg -1  1\n000002.jpg  1 -1\n000003.jpg -1 -1\n000004.jpg  1  1\n";
constexpr char kPartition[] = "000001.jpg 0\n000002.jpg 1\n000003.jpg 2\n000004.jpg 0\n";

/// Four images under their official names (PNG data inside: the content decides, not the ending).
DataFolder tiny_celeba(const std::string& table, const std::string& partition) {
  DataFolder data(DataKind::kCeleba);
  for (int i = 1; i <= 4; ++i) {
    test::write_plain_png(data / ("img_align_celeba/00000" + std::to_string(i) + ".jpg"), 12, 10 * i);
  }
  write_file(data / "list_attr_celeba.txt", table);
  write_file(data / "list_eval_partition.txt", partition);
  return data;
}

TEST(Celeba, OfficialLayoutGivesSplitsAndAttributes) {
  const auto data = tiny_celeba(kTable, kPartition);
  const Dataset train = open_dataset(data.config, Split::kTrain);
  ASSERT_EQ(train.size(), 2);  // 000002 is for validation
  EXPECT_EQ(train.file(1), "img_align_celeba/000004.jpg");
  EXPECT_EQ(train.attributes().names, (std::vector<std::string>{"Bald", "Smiling"}));
  EXPECT_TRUE(train.attributes().values.equal(at::tensor({0, 1, 1, 1}, at::kLong).view({2, 2})));
  EXPECT_EQ(test::level_of(train.slice(1, 1)), 40);
  const Dataset test = open_dataset(data.config, Split::kTest);
  ASSERT_EQ(test.size(), 1);
  EXPECT_TRUE(test.attributes().values.eq(0).all().item<bool>());
}

TEST(Celeba, DamagedListsAreNamedWithTheirLine) {
  const std::string table = kTable, partition = kPartition;
  const auto failure = [](const std::string& t, const std::string& p) { return tiny_celeba(t, p).failure(); };
  EXPECT_EQ(
      failure(table.substr(0, table.find("000004")), partition),
      "DATA/list_attr_celeba.txt:1: 4 images announced, 3 listed; the file is truncated or edited, fetch it "
      "again or correct the number");
  EXPECT_EQ(failure("1\nBald Smiling\n1.jpg 1 1\n", "1.jpg 0\n"),
            "DATA/list_attr_celeba.txt: none of its images is in DATA/img_align_celeba; expected them there");
  EXPECT_EQ(failure("1\nBald Smiling\n000001.jpg 0 1\n", partition),
            "DATA/list_attr_celeba.txt:3: attribute '0'; expected 1 or -1");
  EXPECT_EQ(failure("1\nBald Smiling\n000001.jpg 1\n", partition),
            "DATA/list_attr_celeba.txt:3: 1 attributes; expected 2");
  EXPECT_EQ(failure(table, "000001.jpg 0\n"),
            "DATA/list_attr_celeba.txt:4: 000002.jpg is not in list_eval_partition.txt");
  EXPECT_EQ(failure("2\nBald Smiling\n000001.jpg 1 1\n000001.jpg 1 -1\n", partition),
            "DATA/list_attr_celeba.txt:4: 000001.jpg was named in line 3 already; expected every image once");
  EXPECT_EQ(failure(table, "000001.jpg 0\n000001.jpg 2\n"),
            "DATA/list_eval_partition.txt:2: 000001.jpg is named twice");
  EXPECT_EQ(failure(table, "000001.jpg 7\n"),
            "DATA/list_eval_partition.txt:1: split '7'; expected train, val or test");
  EXPECT_EQ(failure(table, "000001.jpg 1 7\n"),
            "DATA/list_eval_partition.txt:1: expected a file and 0, 1 or 2");
}

TEST(Celeba, MissingPartsAreNamed) {
  const auto data = tiny_celeba(kTable, kPartition);
  const std::string expected =
      "; expected img_align_celeba/, list_attr_celeba and list_eval_partition (.txt or .csv) of "
      "CelebA in this folder (--data, data.path)";
  std::filesystem::rename(data / "img_align_celeba", data / "pictures");
  EXPECT_EQ(data.failure(), "DATA/img_align_celeba: no such folder" + expected);
  std::filesystem::remove(data / "list_eval_partition.txt");
  EXPECT_EQ(data.failure(), "DATA/list_eval_partition.txt: no such file" + expected);
}

/// What opening counts as left out, "2 listed images ...".
std::string left_out_of(const DataFolder& data) {
  return left_out_line(DataListing(data.config).report(), true).substr(data.config.path.size() + 2);
}

TEST(Celeba, PartOfTheImagesIsUsedAndTheOthersAreCounted) {
  const auto data = tiny_celeba(kTable, kPartition);
  std::filesystem::remove(data / "img_align_celeba/000001.jpg");
  const Dataset train = open_dataset(data.config, Split::kTrain);
  ASSERT_EQ(train.size(), 1);
  EXPECT_EQ(train.file(0), "img_align_celeba/000004.jpg");
  test::write_plain_png(data / "img_align_celeba/extra.jpg", 12, 10);
  EXPECT_EQ(
      left_out_of(data),
      "left out: images that list_attr_celeba.txt names and that are not there: 1 (000001.jpg); images that "
      "list_attr_celeba.txt does not name: 1 (extra.jpg)");
}

TEST(Celeba, OpensHoweverItWasUnpackedAndSaved) {
  const std::string table = kTable, partition = kPartition;
  const auto count = [](const DataFolder& data) { return open_dataset(data.config, Split::kTrain).size(); };
  EXPECT_EQ(count(tiny_celeba("\xEF\xBB\xBF" + table, "\xEF\xBB\xBF" + partition)), 2) << "byte order marks";
  const auto nested = tiny_celeba(table, partition);
  std::filesystem::rename(nested / "img_align_celeba", nested / "inner");
  std::filesystem::create_directory(nested / "img_align_celeba");
  std::filesystem::rename(nested / "inner", nested / "img_align_celeba/img_align_celeba");
  EXPECT_EQ(count(nested), 2);
  const auto official = tiny_celeba(table, partition);
  for (const auto& [folder, name] : {std::pair{"Anno", "list_attr_celeba.txt"},
                                     {"Eval", "list_eval_partition.txt"},
                                     {"Img", "img_align_celeba"}}) {
    std::filesystem::create_directory(official / folder);
    std::filesystem::rename(official / name, official / folder / name);
  }
  EXPECT_EQ(count(official), 2);
}

TEST(Celeba, TheCsvCopyIsTheSame) {
  const auto data = tiny_celeba(kTable, kPartition), copy = tiny_celeba(kTable, kPartition);
  for (const auto* list : {"list_attr_celeba.txt", "list_eval_partition.txt"})
    std::filesystem::remove(copy / list);
  write_file(copy / "list_attr_celeba.csv",
             "image_id,Bald,Smiling\n000001.jpg,-1,1\n000002.jpg,1,-1\n000003.jpg,-1,-1\n000004.jpg,1,1\n");
  write_file(copy / "list_eval_partition.csv",
             "image_id,partition\n000001.jpg,0\n000002.jpg,1\n000003.jpg,2\n000004.jpg,0\n");
  for (const Split split : {Split::kTrain, Split::kTest}) {
    const Dataset first = open_dataset(data.config, split), second = open_dataset(copy.config, split);
    ASSERT_EQ(first.size(), second.size());
    EXPECT_EQ(first.file(0), second.file(0));
    EXPECT_EQ(first.attributes().names, second.attributes().names);
    EXPECT_TRUE(first.attributes().values.equal(second.attributes().values));
  }
}

/// The first rows of the official table, with their number in its first line.
std::string first_rows(const std::filesystem::path& table, int rows) {
  std::ifstream file(table);
  std::string line, text = std::to_string(rows) + "\n";
  std::getline(file, line);
  for (int i = 0; i <= rows && std::getline(file, line); ++i) text += line + "\n";
  return text;
}

TEST(Celeba, OfficialAttributeTableIsRead) {
  const auto table = test::real_data("celeba/list_attr_celeba.txt");
  if (!std::filesystem::exists(table)) GTEST_SKIP() << table << " does not exist";
  const auto data = tiny_celeba(first_rows(table, 4), kPartition);
  const Dataset dataset = open_dataset(data.config, Split::kTrain);
  const auto& attributes = dataset.attributes();
  ASSERT_EQ(attributes.names.size(), 40u);
  EXPECT_EQ(attributes.names[31], "Smiling");
  // Rows 1 and 4 of the official table.
  EXPECT_EQ(attributes.values[0].sum().item<int64_t>(), 13);
  EXPECT_EQ(attributes.values[0][31].item<int64_t>(), 1);
  EXPECT_EQ(attributes.values[1][31].item<int64_t>(), 0);
}

}  // namespace
}  // namespace patronus
