#include <ATen/Functions.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "data/data_files.h"
#include "patronus/core/text.h"
#include "patronus/io/atomic_file.h"

namespace patronus {
namespace {

using test::DataFolder;

/// An IDX file of three pictures of 2 x 2, or (with one dimension) of three labels.
std::string idx_images() {
  return std::string("\0\0\x08\x03\0\0\0\3\0\0\0\2\0\0\0\2", 16) + "abcdefghijkl";
}
std::string idx_labels() {
  return std::string("\0\0\x08\x01\0\0\0\3\7\0\x09", 11);
}

void write_gz(const std::filesystem::path& path, const std::string& content) {
  const gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
  gzclose(file);
}

/// Three tiny pictures, gray, to be resized to 8 x 8.
DataFolder tiny_fashion(const std::string& images, const std::string& labels) {
  DataFolder data(DataKind::kFashionMnist);
  data.config.channels = 1;
  write_file(data / "train-images-idx3-ubyte", images);
  write_gz(data / "train-labels-idx1-ubyte.gz", labels);
  return data;
}

TEST(FashionMnist, ReadsPlainAndPackedFiles) {
  const auto data = tiny_fashion(idx_images(), idx_labels());
  const Dataset dataset = open_dataset(data.config, Split::kTrain);
  EXPECT_EQ(dataset.size(), 3);
  EXPECT_EQ(dataset.file(2), "train-00002");
  EXPECT_EQ(dataset.attributes().names, std::vector<std::string>{"label"});
  EXPECT_EQ(dataset.attributes().value_names[0].size(), 10u);
  EXPECT_TRUE(dataset.attributes().values.equal(at::tensor({7, 0, 9}, at::kLong).unsqueeze(1)));
  EXPECT_EQ(dataset.slice(0, 3).sizes(), (std::vector<int64_t>{3, 1, 8, 8}));
}

TEST(FashionMnist, DigitsAreToldByTheirLabels) {
  const auto listed = [](const std::string& labels) {
    const auto size = std::string(3, '\0') + static_cast<char>(labels.size());
    const auto data =
        tiny_fashion(std::string("\0\0\x08\x03", 4) + size + std::string("\0\0\0\1\0\0\0\1", 8) + labels,
                     std::string("\0\0\x08\x01", 4) + size + labels);
    const DataReport report = DataListing(data.config).report();
    return report.attributes[0].values[9].first + "; " + join(report.remarks);
  };
  EXPECT_EQ(listed({9, 0, 0, 3, 0, 2, 7, 2, 5, 5, 1}), "ankle boot; ");
  EXPECT_EQ(listed({5, 0, 4, 1, 9, 2, 1, 3, 1, 4, 1}), "9; the labels are those of MNIST's digits");
  EXPECT_EQ(listed({5, 0, 4}),
            "ankle boot; classes are called as those of Fashion-MNIST, though the labels are others than the "
            "published ones");
}

TEST(FashionMnist, DamagedFilesAreNamed) {
  EXPECT_EQ(tiny_fashion(idx_labels(), idx_labels()).failure(),
            "DATA/train-images-idx3-ubyte: 11 bytes are no IDX file; fetch it again");
  EXPECT_EQ(tiny_fashion("GIF8" + idx_images(), idx_labels()).failure(),
            "DATA/train-images-idx3-ubyte: IDX magic number 0x47494638; expected 0x00000803 (images)");
  EXPECT_EQ(
      tiny_fashion(idx_images().substr(0, 20), idx_labels()).failure(),
      "DATA/train-images-idx3-ubyte: 4 bytes of values; expected 3 x 2 x 2 from its header; the file is "
      "truncated or damaged, fetch it again");
  const auto two_labels = std::string("\0\0\x08\x01\0\0\0\2\7\0", 10);
  EXPECT_EQ(tiny_fashion(idx_images(), two_labels).failure(),
            "DATA/train-labels-idx1-ubyte.gz: 2 labels; expected 3 as in train-images-idx3-ubyte");
  const auto letters = std::string("\0\0\x08\x01\0\0\0\3\7\0\x1a", 11);
  EXPECT_EQ(tiny_fashion(idx_images(), letters).failure(),
            "DATA/train-labels-idx1-ubyte.gz: label 26; expected 0 to 9; the file is damaged or not of "
            "Fashion-MNIST");
}

TEST(FashionMnist, HugeSizesInTheHeaderAreNotBelieved) {
  const auto huge = std::string("\0\0\x08\x03\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 16);
  EXPECT_EQ(tiny_fashion(huge, idx_labels()).failure(),
            "DATA/train-images-idx3-ubyte: 0 bytes of values; expected 4294967295 x 4294967295 x 4294967295 "
            "from its "
            "header; the file is truncated or damaged, fetch it again");
}

TEST(FashionMnist, IsNotUnpackedBeyondWhatItsHeaderAnnounces) {
  EXPECT_EQ(tiny_fashion(idx_images(), idx_labels() + std::string(8 << 20, '\0')).failure(),
            "DATA/train-labels-idx1-ubyte.gz: 65528 bytes of values; expected 3 from its header; the file is "
            "truncated or damaged, fetch it again");
}

TEST(FashionMnist, TruncatedGzipIsNamed) {
  const auto data = tiny_fashion(idx_images(), idx_labels());
  const auto labels = data / "train-labels-idx1-ubyte.gz";
  std::filesystem::resize_file(labels, std::filesystem::file_size(labels) - 6);
  EXPECT_EQ(data.failure(),
            "DATA/train-labels-idx1-ubyte.gz: truncated or damaged gzip data after 11 unpacked bytes; fetch "
            "the file "
            "again");
}

TEST(FashionMnist, MissingFileIsNamed) {
  EXPECT_EQ(tiny_fashion(idx_images(), idx_labels()).failure(Split::kTest),
            "DATA: left out: files that are not there: 1 (t10k-images-idx3-ubyte); no images in the test "
            "split; choose "
            "another --split, or see data.csv and data.test_fraction");
  const auto data = tiny_fashion(idx_images(), idx_labels());
  std::filesystem::remove(data / "train-labels-idx1-ubyte.gz");
  EXPECT_EQ(data.failure(),
            "DATA/train-labels-idx1-ubyte: no such file; expected the four files of Fashion-MNIST, plain or "
            ".gz, in "
            "this folder (--data, data.path)");
  std::filesystem::remove(data / "train-images-idx3-ubyte");
  EXPECT_EQ(data.failure(),
            "DATA/train-images-idx3-ubyte: no such file; expected the four files of Fashion-MNIST, plain or "
            ".gz, in "
            "this folder (--data, data.path)");
}

TEST(FashionMnist, IsFoundWhereTorchvisionPutsIt) {
  DataFolder data(DataKind::kFashionMnist);
  data.config.channels = 1;
  std::filesystem::create_directories(data / "FashionMNIST/raw");
  for (const char* half : {"train", "t10k"}) {
    const auto file = [&](const std::string& name) { return data / ("FashionMNIST/raw/" + (half + name)); };
    write_file(file("-images-idx3-ubyte"), idx_images());
    write_file(file("-labels-idx1-ubyte"), idx_labels());
  }
  EXPECT_EQ(open_dataset(data.config, Split::kTest).size(), 3);
  data.config.path = (data / "FashionMNIST").string();
  EXPECT_EQ(open_dataset(data.config, Split::kTrain).size(), 3);
}

TEST(FashionMnist, OfficialFilesOpen) {
  const auto folder = test::real_data("fashion-mnist");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " does not exist";
  DataFolder data(DataKind::kFashionMnist);
  data.config.path = folder.string();
  data.config.channels = 1;
  data.config.size = 32;
  const Dataset dataset = open_dataset(data.config, Split::kTest);
  EXPECT_EQ(dataset.size(), dataset.attributes().values.size(0));
  const auto images_a_class = dataset.attributes().values.flatten().bincount();
  EXPECT_EQ(images_a_class.numel(), 10);
  EXPECT_GT(images_a_class.min().item<int64_t>(), 0);
  const auto images = dataset.slice(0, 100);
  EXPECT_EQ(images.sizes(), (std::vector<int64_t>{100, 1, 32, 32}));
  EXPECT_NEAR(images.mean().item<float>(), -0.43, 0.05);  // Fashion-MNIST's mean is 0.286 of white
}

}  // namespace
}  // namespace patronus
