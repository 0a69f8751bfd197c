#include "data/cache.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/util/ScopeExit.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <future>

#include "data/data_files.h"
#include "data/image_stamp.h"
#include "patronus/data/preprocess.h"
#include "patronus/io/atomic_file.h"

namespace patronus {
namespace {

using test::DataFolder;
using test::write_plain_png;

/// A folder of `count` plain images of 8 x 8, all for training.
DataFolder plain_images(int count) {
  DataFolder data(DataKind::kImages);
  data.config.test_fraction = 0;
  for (int i = 0; i < count; ++i) write_plain_png(data / (std::to_string(i) + ".png"), 8, 10 * i);
  return data;
}

std::vector<std::filesystem::path> cache_files(const DataConfig& config) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(config.cache)) files.push_back(entry.path());
  return files;
}

void overwrite(const std::filesystem::path& path, int64_t offset, const std::string& bytes) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(offset);
  file << bytes;
}

/// Counts decoded images instead of reading files.
struct CountedSource {
  std::atomic<int> reads = 0;
  ImageSource source;
  CountedSource(const DataFolder& data, int count) {
    for (int i = 0; i < count; ++i) source.names.push_back(std::to_string(i) + ".png");
    look(data);
    source.read = [this](int64_t i) {
      ++reads;
      return at::full({3, 8, 8}, i, at::kByte);
    };
  }
  /// Looks at the files anew.
  void look(const DataFolder& data) {
    source.states.clear();
    for (const auto& stamp : stamps_of_files(data.config.path, source.names))
      source.states.push_back(stamp.state);
  }
};

TEST(Cache, ImagesAreDecodedOnce) {
  const auto data = plain_images(3);
  CountedSource counted(data, 3);
  const auto first = cached_images(counted.source, data.config, Split::kTrain);
  EXPECT_EQ(counted.reads, 3);
  const auto again = cached_images(counted.source, data.config, Split::kTrain);
  EXPECT_EQ(counted.reads, 3);
  EXPECT_TRUE(first.pixels.equal(again.pixels));
  EXPECT_TRUE(again.kept.equal(at::arange(3)));
}

/// Rights of the mappings of a file whose name ends so in this process: "r--s".
std::vector<std::string> rights_of_mappings(const std::string& end) {
  std::ifstream maps("/proc/self/maps");
  std::vector<std::string> rights;
  for (std::string line; std::getline(maps, line);) {
    if (line.ends_with(end)) rights.push_back(line.substr(line.find(' ') + 1, 4));
  }
  return rights;
}

TEST(Cache, IsMappedForReadingAlone) {
  const auto data = plain_images(3);
  CountedSource counted(data, 3);
  const auto images = cached_images(counted.source, data.config, Split::kTrain);
  const auto rights = rights_of_mappings(".cache");
  ASSERT_FALSE(rights.empty());
  for (const auto& of_one : rights)
    EXPECT_EQ(of_one, "r--s") << "Linux refuses writable mappings that are larger than its memory";
}

TEST(Cache, ChangedFilesAndSettingsAreDecodedAgain) {
  auto data = plain_images(3);
  CountedSource counted(data, 3);
  cached_images(counted.source, data.config, Split::kTrain);
  write_plain_png(data / "1.png", 9, 10);
  counted.look(data);
  cached_images(counted.source, data.config, Split::kTrain);
  EXPECT_EQ(counted.reads, 6);
  data.config.resize = Resize::kCrop;
  cached_images(counted.source, data.config, Split::kTrain);
  EXPECT_EQ(counted.reads, 9);
}

TEST(Cache, DamagedFilesAreDecodedAgain) {
  const auto data = plain_images(3);
  CountedSource counted(data, 3);
  const auto expected = cached_images(counted.source, data.config, Split::kTrain).pixels.clone();
  const auto file = cache_files(data.config).front();
  const auto bytes = static_cast<int64_t>(std::filesystem::file_size(file));
  const std::vector<std::pair<std::string, std::function<void()>>> damages{
      {"cut short", [&] { std::filesystem::resize_file(file, static_cast<uintmax_t>(bytes - 1)); }},
      {"cut in the header", [&] { std::filesystem::resize_file(file, 10); }},
      {"empty", [&] { std::filesystem::resize_file(file, 0); }},
      {"longer", [&] { overwrite(file, bytes, "x"); }},
      {"another magic number", [&] { overwrite(file, 0, "X"); }},
      {"another version", [&] { overwrite(file, 8, "\x7F"); }},
      {"another key", [&] { overwrite(file, 16, "\x01\x02"); }},
      {"another checksum", [&] { overwrite(file, 56, "\x01\x02"); }},
      {"another data set in it", [&] { overwrite(file, 80, "x"); }},
      {"other pixels at the start", [&] { overwrite(file, 4096, "\x07"); }},
      {"other pixels at the end", [&] { overwrite(file, 4096 + 3 * 192 - 1, "\x07"); }},
      {"other indices", [&] { overwrite(file, bytes - 108, "\x07"); }},
      {"other hashes", [&] { overwrite(file, bytes - 36, "\x07"); }},
      {"other sizes", [&] { overwrite(file, bytes - 28, "\x07"); }},
      {"other checksums", [&] { overwrite(file, bytes - 1, "\x07"); }}};
  for (const auto& [what, damage] : damages) {
    damage();
    counted.reads = 0;
    const auto images = cached_images(counted.source, data.config, Split::kTrain);
    EXPECT_EQ(counted.reads, 3) << what;
    EXPECT_TRUE(images.pixels.equal(expected)) << what;
  }
  EXPECT_EQ(cache_files(data.config).size(), 1u);
}

TEST(Cache, SetsWithFilesOfTheSameNamesSizesAndTimesDoNotShareIt) {
  const auto one = plain_images(3), other = plain_images(3);
  const auto long_ago = std::filesystem::file_time_type() + std::chrono::hours(1);
  for (const auto* data : {&one, &other}) {
    for (const auto& name : {"0.png", "1.png", "2.png"})
      std::filesystem::last_write_time(*data / name, long_ago);
  }
  for (const auto* data : {&one, &other})
    cached_images(CountedSource(*data, 3).source, one.config, Split::kTrain);
  EXPECT_EQ(cache_files(one.config).size(), 2u);
}

TEST(Cache, AFileOfTheSameSizeAndTimeInThePlaceOfAnotherIsDecoded) {
  const auto data = plain_images(3);
  CountedSource counted(data, 3);
  cached_images(counted.source, data.config, Split::kTrain);
  const auto time = std::filesystem::last_write_time(data / "2.png");
  overwrite(data / "2.png", 40, "x");
  std::filesystem::last_write_time(data / "2.png", time);
  counted.look(data);
  cached_images(counted.source, data.config, Split::kTrain);
  EXPECT_EQ(counted.reads, 6);
}

TEST(Cache, FailedDecodingLeavesNoFile) {
  const auto data = plain_images(3);
  CountedSource counted(data, 3);
  counted.source.read = [](int64_t) -> at::Tensor { throw std::runtime_error("the disk went away"); };
  EXPECT_ANY_THROW(cached_images(counted.source, data.config, Split::kTrain));
  EXPECT_TRUE(cache_files(data.config).empty());
}

TEST(Cache, ImagesThatNeedNoResizeAreStoredExactly) {
  DataFolder data(DataKind::kImages);
  data.config.test_fraction = 0;
  const auto pixels = at::randint(0, 256, {3, 8, 8}).to(at::kByte);
  write_png(data / "a.png", pixels);
  const Dataset dataset = open_dataset(data.config, Split::kTrain);
  EXPECT_TRUE(dataset.slice(0, 1)[0].equal(preprocess(pixels, 8)));
}

TEST(Cache, ResizedImagesKeepTheirOvershootWithinTheStatedError) {
  DataFolder data(DataKind::kImages);
  data.config.test_fraction = 0;
  const auto pixels = at::randint(0, 2, {3, 5, 7}).mul(255).to(at::kByte);
  write_png(data / "a.png", pixels);
  const auto image = open_dataset(data.config, Split::kTrain).slice(0, 1)[0];
  EXPECT_GT(image.abs().max().item<float>(), 1.05);
  EXPECT_LE((image - preprocess(pixels, 8)).abs().max().item<float>(), 3.1e-5);
}

TEST(Cache, CropTakesTheCentreBeforeResizing) {
  auto data = plain_images(0);
  data.config.resize = Resize::kCrop;
  const auto pixels = at::randint(0, 256, {3, 8, 13}).to(at::kByte);
  write_png(data / "a.png", pixels);
  const auto image = open_dataset(data.config, Split::kTrain).slice(0, 1)[0];
  EXPECT_TRUE(image.equal(preprocess(pixels.narrow(2, 2, 8).contiguous(), 8)));
}

constexpr char kNoImage[] =
    ": not an image that is read; expected JPEG, PNG, WebP, TIFF, BMP, GIF or binary PPM data";

/// The only file in the cache folder that lists images.
std::filesystem::path list_in(const DataConfig& config) {
  for (const auto& file : cache_files(config)) {
    if (file.string().ends_with(".unreadable.txt")) return file;
  }
  return {};
}

TEST(Cache, UndecodableImagesStopTheRunAndAreNamedOrListed) {
  const auto data = plain_images(3);
  for (const auto* name : {"a.png", "b.jpg", "c.png"}) write_file(data / name, "no picture");
  EXPECT_EQ(data.failure(), std::string("DATA: 3 of 6 images cannot be decoded: DATA/a.png") + kNoImage +
                                "; DATA/b.jpg" + kNoImage + "; DATA/c.png" + kNoImage +
                                "; repair or remove them, or leave them out with data.skip_unreadable=true");
  EXPECT_TRUE(cache_files(data.config).empty());
  write_file(data / "d.png", "no picture");
  const std::string message = data.failure();
  const auto list = list_in(data.config);
  EXPECT_NE(message.find("; ... (all in " + list.string() + ")"), std::string::npos) << message;
  const std::string text = read_file(list);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4);
  EXPECT_NE(text.find((data / "d.png").string() + kNoImage), std::string::npos);
  EXPECT_EQ(cache_files(data.config).size(), 1u);
}

TEST(Cache, ManyThatAreLeftOutAreListedToo) {
  auto data = plain_images(3);
  data.config.skip_unreadable = true;
  for (const auto* name : {"a.png", "b.jpg", "c.png", "d.png"}) write_file(data / name, "no picture");
  DataListing listing(data.config);
  EXPECT_EQ(listing.open(Split::kTrain).size(), 3);
  EXPECT_TRUE(read_file(list_in(data.config)).starts_with((data / "a.png").string() + kNoImage));
  listing.open(Split::kTrain);
  ASSERT_EQ(listing.report().left_out.size(), 1u);
  EXPECT_EQ(listing.report().left_out[0].what, "train images that cannot be decoded");
  EXPECT_EQ(listing.report().left_out[0].count, 4);
}

TEST(Cache, UndecodableImagesAreLeftOutOnDemand) {
  auto data = plain_images(3);
  data.config.skip_unreadable = true;
  write_file(data / "1.png", "no picture");
  write_file(data / "list.csv", "file,split,number\n0.png,train,0\n1.png,train,1\n2.png,train,2\n");
  data.config.csv = "list.csv";
  const Dataset dataset = open_dataset(data.config, Split::kTrain);
  ASSERT_EQ(dataset.size(), 2);
  EXPECT_EQ(dataset.file(1), "2.png");
  EXPECT_EQ(dataset.attributes().values[1][0].item<int64_t>(), 2);
  EXPECT_EQ(test::level_of(dataset.slice(1, 1)), 20);
  data.config.skip_unreadable = false;
  EXPECT_NE(data.failure(), "no error");
}

TEST(Cache, NoImageLeftIsAnError) {
  auto data = plain_images(0);
  data.config.skip_unreadable = true;
  write_file(data / "a.png", "no picture");
  EXPECT_EQ(data.failure(), std::string("DATA: 1 of 1 images cannot be decoded: DATA/a.png") + kNoImage +
                                "; repair or remove them");
}

TEST(Cache, FolderThatCannotBeMadeIsNamed) {
  auto data = plain_images(1);
  data.config.cache = data.config.path + "/0.png/cache";
  EXPECT_EQ(data.failure(),
            "DATA/0.png/cache: cannot be made: Not a directory; name another folder of decoded images with "
            "data.cache=FOLDER");
}

TEST(Cache, WritersOfTheSameCacheDoNotHurtEachOther) {
  const auto data = plain_images(20);
  std::vector<std::future<at::Tensor>> writers;
  std::atomic<int> decoded = 0;
  for (int i = 0; i < 4; ++i) {
    writers.push_back(std::async(std::launch::async, [&data, &decoded] {
      const CountedSource counted(data, 20);
      const auto count = c10::make_scope_exit([&] { decoded += counted.reads; });
      return cached_images(counted.source, data.config, Split::kTrain).pixels;
    }));
  }
  for (auto& writer : writers) {
    const auto level = writer.get().select(1, 0).select(1, 0).select(1, 0);
    EXPECT_TRUE(level.to(at::kLong).equal(at::arange(20)));
  }
  EXPECT_EQ(decoded, 20) << "by one of them";
  EXPECT_EQ(cache_files(data.config).size(), 1u);
}

}  // namespace
}  // namespace patronus
