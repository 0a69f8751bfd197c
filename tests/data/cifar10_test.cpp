#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "data/data_files.h"
#include "patronus/io/atomic_file.h"

namespace patronus {
namespace {

using test::DataFolder;

/// One record: a label, then planes of red, green and blue.
std::string cifar_record(char label, char red, char green, char blue) {
  return label + std::string(1024, red) + std::string(1024, green) + std::string(1024, blue);
}

TEST(Cifar10, ReadsTheBatchesThatAreThereInOrder) {
  DataFolder data(DataKind::kCifar10);
  data.config.size = 32;
  write_file(data / "data_batch_1.bin", cifar_record(3, 0, 0, 51) + cifar_record(9, 102, 0, 0));
  write_file(data / "data_batch_4.bin", cifar_record(0, 0, 127, 0));
  const Dataset dataset = open_dataset(data.config, Split::kTrain);
  ASSERT_EQ(dataset.size(), 3);
  EXPECT_TRUE(dataset.attributes().values.equal(at::tensor({3, 9, 0}, at::kLong).unsqueeze(1)));
  EXPECT_EQ(dataset.attributes().value_names[0][9], "truck");
  const auto image = dataset.images(at::tensor({0}, at::kLong))[0];
  EXPECT_TRUE(image[2].eq(51.f / 255 * 2 - 1).all().item<bool>());
  EXPECT_TRUE(image.narrow(0, 0, 2).eq(-1).all().item<bool>());
}

TEST(Cifar10, GrayIsTheWeightedSumOfTheColours) {
  DataFolder data(DataKind::kCifar10);
  data.config.channels = 1;
  data.config.size = 32;
  write_file(data / "test_batch.bin", cifar_record(1, 10, 100, 50));
  const Dataset dataset = open_dataset(data.config, Split::kTest);
  EXPECT_EQ(test::level_of(dataset.slice(0, 1)), (19595 * 10 + 38470 * 100 + 7471 * 50 + 32768) >> 16);
}

TEST(Cifar10, DamagedAndMissingFilesAreNamed) {
  const DataFolder data(DataKind::kCifar10);
  EXPECT_EQ(
      data.failure(),
      "DATA/data_batch_1.bin: no such file; expected the binary or the Python version of CIFAR-10 in this "
      "folder (--data, data.path)");
  write_file(data / "data_batch_1.bin", cifar_record(3, 0, 0, 0).substr(0, 3000));
  EXPECT_EQ(data.failure(),
            "DATA/data_batch_1.bin: 3000 bytes; expected whole records of 3073 bytes; the file is "
            "truncated or not CIFAR-10 binary, fetch it again");
  write_file(data / "data_batch_1.bin", cifar_record(11, 0, 0, 0));
  EXPECT_EQ(data.failure(),
            "DATA/data_batch_1.bin: label 11; expected 0 to 9; the file is damaged or not CIFAR-10");
}

TEST(Cifar10, MissingBatchesAreNamed) {
  const DataFolder data(DataKind::kCifar10);
  for (const char* name : {"data_batch_1.bin", "data_batch_3.bin", "test_batch.bin"}) {
    write_file(data / name, cifar_record(3, 0, 0, 51));
  }
  const DataReport report = DataListing(data.config).report();
  EXPECT_EQ(report.images[Split::kTrain], 2);
  ASSERT_EQ(report.left_out.size(), 1u);
  EXPECT_EQ(report.left_out[0].what, "batches that are not there");
  EXPECT_EQ(report.left_out[0].examples,
            (std::vector<std::string>{"data_batch_2.bin", "data_batch_4.bin", "data_batch_5.bin"}));
  EXPECT_TRUE(report.left_out[0].matters);
}

/// A batch as Python 2 pickled it: {"labels": [label], "data": uint8 [1, 3072] of one value}.
std::string python2_batch(char label, char value) {
  using namespace std::string_literals;
  const std::string array =
      "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\1b\x87R(K\1K\1M\0\x0C\x86"s
      "cnumpy\ndtype\nU\2u1K\0K\1\x87R(K\3U\1|NNNJ\xFF\xFF\xFF\xFFJ\xFF\xFF\xFF\xFFK\0tb\x89T\0\x0C\0\0"s +
      std::string(3072, value) + "tb";
  return "\x80\2}q\1(U\6labels](K"s + label + "eU\4data" + array + "u.";
}

TEST(Cifar10, ReadsPythonsPickles) {
  DataFolder data(DataKind::kCifar10);
  data.config.size = 32;
  std::filesystem::create_directory(data / "cifar-10-batches-py");
  write_file(data / "cifar-10-batches-py/data_batch_1", python2_batch(3, 51));
  write_file(data / "cifar-10-batches-py/test_batch", python2_batch(7, 102));
  const Dataset dataset = open_dataset(data.config, Split::kTest);
  ASSERT_EQ(dataset.size(), 1);
  EXPECT_EQ(test::level_of(dataset.slice(0, 1)), 102);
  EXPECT_EQ(dataset.attributes().values.item<int64_t>(), 7);
  write_file(data / "cifar-10-batches-py/test_batch", python2_batch(12, 102));
  EXPECT_EQ(
      data.failure(),
      "DATA/cifar-10-batches-py/test_batch: label 12; expected 0 to 9; the file is damaged or not CIFAR-10");
  write_file(data / "cifar-10-batches-py/test_batch", "cos\nsystem\n.");
  EXPECT_EQ(data.failure(),
            "DATA/cifar-10-batches-py/test_batch: contains os.system, which is not plain data; save tensors, "
            "numbers, text, lists and dictionaries only");
}

TEST(Cifar10, OfficialFilesOpen) {
  const auto folder = test::real_data("cifar-10-batches-bin");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " does not exist";
  DataFolder data(DataKind::kCifar10);
  data.config.path = folder.string();
  data.config.size = 32;
  const Dataset dataset = open_dataset(data.config, Split::kTest);
  const auto records = std::filesystem::file_size(folder / "test_batch.bin") / 3073;
  EXPECT_EQ(dataset.size(), static_cast<int64_t>(records));
  const auto images = dataset.slice(0, 200);
  EXPECT_NEAR(images.mean().item<float>(), -0.05, 0.06);  // CIFAR-10's mean is 0.47 of white
  EXPECT_LE(images.abs().max().item<float>(), 1);
}

}  // namespace
}  // namespace patronus
