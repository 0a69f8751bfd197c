#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <fstream>

#include "data/data_files.h"
#include "patronus/core/text.h"
#include "patronus/io/atomic_file.h"
#include "support/python.h"

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
  const Dataset validation = open_dataset(data.config, Split::kValidation);
  ASSERT_EQ(validation.size(), 1);
  EXPECT_EQ(validation.file(0), "img_align_celeba/000002.jpg");
  EXPECT_EQ(test::level_of(validation.slice(0, 1)), 20);
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
            "DATA/list_attr_celeba.txt:3: attribute '0'; expected 1 or -1, or nothing where it is not known");
  EXPECT_EQ(failure("1\nBald Smiling\n000001.jpg 1\n", partition),
            "DATA/list_attr_celeba.txt:3: 1 attributes; expected 2");
  EXPECT_EQ(failure(table, "000001.jpg 0\n"),
            "DATA/list_attr_celeba.txt:4: 000002.jpg is not in list_eval_partition.txt");
  EXPECT_EQ(
      failure("2\nBald Smiling\n000001.jpg 1 1\n000001.jpg 1 -1\n", partition),
      "DATA/list_attr_celeba.txt:4: 000001.jpg was named in line 3 already; expected it once; remove one "
      "of the two lines");
  EXPECT_EQ(
      failure(table, "000001.jpg 0\n000002.jpg 0\n000001.jpg 2\n"),
      "DATA/list_eval_partition.txt:3: 000001.jpg was named in line 1 already; expected it once; remove "
      "one of the two lines");
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
  EXPECT_EQ(data.failure(), "DATA/img_align_celeba/: no such folder" + expected);
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
  for (const Split split : kSplits) {
    const Dataset first = open_dataset(data.config, split), second = open_dataset(copy.config, split);
    ASSERT_EQ(first.size(), second.size());
    EXPECT_EQ(first.file(0), second.file(0));
    EXPECT_EQ(first.attributes().names, second.attributes().names);
    EXPECT_TRUE(first.attributes().values.equal(second.attributes().values));
  }
}

TEST(Celeba, ABlankInTheCsvCopyIsUnknownAndCounted) {
  const auto data = tiny_celeba(kTable, kPartition);
  std::filesystem::remove(data / "list_attr_celeba.txt");
  write_file(data / "list_attr_celeba.csv",
             "image_id,Bald,Smiling\n000001.jpg,-1,\n000002.jpg,1,-1\n000003.jpg,-1,-1\n000004.jpg,1,1\n");
  DataListing listing(data.config);
  const auto values = listing.open(Split::kTrain).attributes().values;
  EXPECT_TRUE(values.equal(at::tensor({0, -1, 1, 1}, at::kLong).view({2, 2}))) << values;
  EXPECT_NE(found_line(listing.report()).find("Smiling (1: 1, 0: 1, unknown: 1)"), std::string::npos)
      << found_line(listing.report());
}

TEST(Celeba, MayHaveNoAttributes) {
  const auto data = tiny_celeba(kTable, kPartition);
  std::filesystem::remove(data / "list_attr_celeba.txt");
  write_file(data / "list_attr_celeba.csv", "image_id\n000001.jpg\n000002.jpg\n000003.jpg\n000004.jpg\n");
  EXPECT_TRUE(open_dataset(data.config, Split::kTrain).attributes().names.empty());
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

/// How many rows of the table have a property that `expression` says of the row's attributes `a`, in plain
/// Python.
int64_t rows_in_python(const std::string& python, const std::filesystem::path& table,
                       const std::string& expression) {
  const auto outcome =
      test::run_python(python,
                       "import sys\n"
                       "lines = open(sys.argv[1]).read().splitlines()\n"
                       "rows = [dict(zip(lines[1].split(), line.split()[1:])) for line in lines[2:]]\n"
                       "rows = [{k: v == '1' for k, v in row.items()} for row in rows]\n"
                       "print(sum(bool(" +
                           expression + ") for a in rows))\n",
                       {table.string()});
  return outcome.status == 0 ? std::stoll(outcome.output) : -1;
}

// Paper 4.4: exactly one of three colours of hair, and blond and brown smile, black does not.
TEST(Celeba, TheBiasedSubsetHasTheNumbersOfPlainPython) {
  constexpr int kRows = 5000;
  const auto official = test::real_data("celeba/list_attr_celeba.txt");
  const auto python = test::python_with("sys");
  if (!std::filesystem::exists(official) || !python) GTEST_SKIP() << "no " << official << " or no Python";
  DataFolder data(DataKind::kCeleba);
  std::filesystem::create_directory(data / "img_align_celeba");
  std::string partition;
  for (int i = 1; i <= kRows; ++i) {
    const std::string file = zero_padded(i, 6) + ".jpg";
    std::ofstream(data / ("img_align_celeba/" + file));
    partition += file + (i % 10 == 0 ? " 2\n" : i % 10 == 1 ? " 1\n" : " 0\n");
  }
  const auto table = data / "list_attr_celeba.txt";
  write_file(table, first_rows(official, kRows));
  write_file(data / "list_eval_partition.txt", partition);
  const auto count_where = [&](const std::string& where) {
    data.config.where = where;
    return DataListing(data.config).report();
  };
  const std::string one_colour =
      "(Black_Hair=1 and Blond_Hair=0 and Brown_Hair=0 or Black_Hair=0 and Blond_Hair=1 and Brown_Hair=0 or "
      "Black_Hair=0 and Blond_Hair=0 and Brown_Hair=1)";
  const std::string sum = "a['Black_Hair'] + a['Blond_Hair'] + a['Brown_Hair'] == 1";
  const auto total = [](const DataReport& report) {
    return report.images.total() + report.images[Split::kValidation];
  };
  EXPECT_EQ(total(count_where(one_colour)), rows_in_python(*python, table, sum));
  const DataReport biased = count_where(
      one_colour + " and (Smiling=1 and (Blond_Hair=1 or Brown_Hair=1) or Smiling=0 and Black_Hair=1)");
  EXPECT_EQ(total(biased), rows_in_python(*python, table, sum + " and a['Smiling'] != a['Black_Hair']"));
  EXPECT_EQ(total(biased), 1522);
  for (const auto& [where, condition] :
       {std::pair{"Smiling=1 and Blond_Hair=1", "a['Smiling'] and a['Blond_Hair']"},
        std::pair{"Smiling=1 and Brown_Hair=1", "a['Smiling'] and a['Brown_Hair']"},
        std::pair{"Smiling=0 and Black_Hair=1", "not a['Smiling'] and a['Black_Hair']"}}) {
    EXPECT_EQ(total(count_where(one_colour + " and " + where)),
              rows_in_python(*python, table, sum + " and " + condition))
        << where;
  }
  EXPECT_NEAR(static_cast<double>(biased.images[Split::kTest]), 152, 30) << "both halves are biased";
  EXPECT_EQ(total(count_where("Smiling=1 and (Blond_Hair=1 or Brown_Hair=1)")),
            rows_in_python(*python, table, "a['Smiling'] and (a['Blond_Hair'] or a['Brown_Hair'])"));
}

}  // namespace
}  // namespace patronus
