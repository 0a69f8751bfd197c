#include "patronus/data/cache_folder.h"

#include <gtest/gtest.h>
#include <sys/mount.h>

#include <fstream>

#include "data/data_files.h"
#include "patronus/io/atomic_file.h"
#include "support/tiny_disk.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;
using test::DataFolder;

/// Decodes `images` images into a cache folder that several data sets share, `hours` ago.
fs::path decode_into(const fs::path& cache, int images, int hours) {
  DataFolder data(DataKind::kImages);
  data.config.test_fraction = 0;
  data.config.cache = cache.string();
  for (int i = 0; i < images; ++i) test::write_plain_png(data / (std::to_string(i) + ".png"), 8, i);
  open_dataset(data.config, Split::kTrain);
  const fs::path file = list_cache_folder(cache).front().file;
  fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(hours));
  return file;
}

TEST(CacheFolder, ListsTheLastUsedFirst) {
  const test::TemporaryFolder folder;
  EXPECT_TRUE(list_cache_folder(folder / "absent").empty());
  const auto older = decode_into(folder.path(), 3, 5), newer = decode_into(folder.path(), 7, 2);
  write_file(folder / "broken.cache", "PATRDATA, and nothing more");
  write_file(folder / "webpack.cache", "of another program, too long to be nothing");
  write_file(folder / "notes.txt", "mine");
  const auto entries = list_cache_folder(folder.path());
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].images, 0) << "damaged";
  EXPECT_EQ(entries[1].file, newer);
  EXPECT_EQ(entries[1].images, 7);
  EXPECT_EQ(entries[1].size, 8);
  EXPECT_EQ(entries[1].bytes, 4096u + 7 * (3 * 8 * 8 + 36));
  EXPECT_TRUE(entries[1].source.ends_with("/data")) << entries[1].source;
  EXPECT_EQ(entries[2].file, older);
  mark_cache_used(older);
  EXPECT_EQ(list_cache_folder(folder.path()).front().file, older);
}

TEST(CacheFolder, GivesUpWhatWasNotUsedForLongest) {
  const test::TemporaryFolder folder;
  const auto oldest = decode_into(folder.path(), 3, 9), used = decode_into(folder.path(), 4, 1),
             older = decode_into(folder.path(), 5, 5);
  const auto bytes = static_cast<double>(fs::file_size(used) + fs::file_size(oldest));
  limit_cache_folder(folder.path(), 0, {});
  EXPECT_EQ(list_cache_folder(folder.path()).size(), 3u) << "no limit";
  limit_cache_folder(folder.path(), bytes * 1e-9, list_cache_folder(folder.path()).back().source);
  EXPECT_TRUE(fs::exists(oldest)) << "of the data set that is in use";
  EXPECT_FALSE(fs::exists(older));
  EXPECT_TRUE(fs::exists(used));
}

TEST(CacheFolder, ANewFilePushesOutOldOnesButNotItself) {
  const test::TemporaryFolder folder;
  const auto old = decode_into(folder.path(), 3, 9);
  DataFolder data(DataKind::kImages);
  data.config.cache = folder.path().string();
  data.config.cache_gb = 1e-9;
  data.config.test_fraction = 0;
  test::write_plain_png(data / "a.png", 8, 1);
  EXPECT_EQ(open_dataset(data.config, Split::kTrain).size(), 1);
  EXPECT_FALSE(fs::exists(old));
  EXPECT_EQ(list_cache_folder(folder.path()).size(), 1u);
}

TEST(CacheFolder, AFileInUseStays) {
  const test::TemporaryFolder folder;
  DataFolder data(DataKind::kImages);
  data.config.cache = folder.path().string();
  data.config.test_fraction = 0;
  test::write_plain_png(data / "a.png", 8, 1);
  auto used = std::make_optional(open_dataset(data.config, Split::kTrain));
  const auto file = list_cache_folder(folder.path()).front().file;
  testing::internal::CaptureStderr();
  limit_cache_folder(folder.path(), 1e-9, "another");
  EXPECT_EQ(clear_cache_folder(folder.path()), 0u);
  EXPECT_NE(testing::internal::GetCapturedStderr().find(file.string() + ": is in use, and stays"),
            std::string::npos);
  EXPECT_EQ(test::level_of(open_dataset(data.config, Split::kTrain).slice(0, 1)), 1) << "many may use it";
  used.reset();
  limit_cache_folder(folder.path(), 1e-9, "another");
  EXPECT_FALSE(fs::exists(file));
}

TEST(CacheFolder, TheHalvesOfOneDataSetDoNotPushEachOtherOut) {
  const test::TemporaryFolder folder;
  DataFolder data(DataKind::kImages);
  data.config.cache = folder.path().string();
  data.config.cache_gb = 1e-9;
  data.config.test_fraction = 0.5;
  for (int i = 0; i < 4; ++i) test::write_plain_png(data / (std::to_string(i) + ".png"), 8, i);
  for (const Split split : {Split::kTrain, Split::kTest}) open_dataset(data.config, split);
  EXPECT_EQ(list_cache_folder(folder.path()).size(), 2u);
}

TEST(CacheFolder, LeftoversOfBrokenOffDecodingAreSweptByTheNext) {
  const test::TemporaryFolder folder;
  std::ofstream(folder / ".images-train-0123.cache.77-0.tmp") << std::string(1000, 'x');
  fs::create_directory(folder / "images-train-0123.cache.lock");
  write_file(folder / "images-train-0123.cache.lock/.patronus-lock", "process 77 on host");
  decode_into(folder.path(), 1, 0);
  EXPECT_FALSE(fs::exists(folder / ".images-train-0123.cache.77-0.tmp"));
  EXPECT_FALSE(fs::exists(folder / "images-train-0123.cache.lock"));
}

TEST(CacheFolder, ClearingLeavesWhatIsNotItsOwn) {
  const test::TemporaryFolder folder;
  const auto file = decode_into(folder.path(), 3, 0);
  write_file(fs::path(file).replace_extension(".unreadable.txt"), "a.png: damaged\n");
  write_file(folder / "images-train-0123.unreadable.txt", "b.png: of a decoding that failed\n");
  std::ofstream(folder / ".x.cache.77-0.tmp") << std::string(10, 'x');
  const std::vector<std::string> others{"notes.txt", "webpack.cache", ".notes.tmp", ".x.pt.77-0.tmp"};
  for (const auto& name : others) write_file(folder / name, "mine, of more than eight letters");
  EXPECT_EQ(clear_cache_folder(folder.path()), 4096u + 3 * (3 * 8 * 8 + 36) + 10);
  for (const auto& name : others) EXPECT_TRUE(fs::exists(folder / name)) << name;
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()),
            std::ssize(others));
}

TEST(CacheFolder, WhereThereIsNoneHasNothingToClear) {
  const test::TemporaryFolder folder;
  write_file(folder / "file", "");
  for (const char* name : {"absent", "absent/below", "file"}) {
    EXPECT_EQ(clear_cache_folder(folder / name), 0u) << name;
    EXPECT_EQ(sweep_cache_folder(folder / name), 0u) << name;
    limit_cache_folder(folder / name, 1e-9, {});
  }
}

TEST(CacheFolder, ThatIsReadOnlyKeepsItsFilesAndSaysSo) {
  const test::TemporaryFolder folder;
  const test::TinyDisk disk(folder.path(), 256);
  if (!disk.mounted()) GTEST_SKIP() << "only root can mount a small disk";
  const auto file = decode_into(folder.path(), 3, 0);
  std::ofstream(folder / ".x.cache.77-0.tmp") << std::string(10, 'x');
  write_file(folder / "images-train-0123.unreadable.txt", "b.png: of a decoding that failed\n");
  ASSERT_EQ(mount(nullptr, folder.path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr), 0);
  testing::internal::CaptureStderr();
  EXPECT_EQ(clear_cache_folder(folder.path()), 0u) << "nothing was removed";
  limit_cache_folder(folder.path(), 1e-9, {});
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(fs::exists(file));
  EXPECT_NE(said.find(file.string() + ": cannot be removed: Read-only file system"), std::string::npos)
      << said;
  EXPECT_EQ(said.find(": removed"), std::string::npos) << said;
  EXPECT_NE(said.find("more than data.cache_gb"), std::string::npos) << "they still take more: " << said;
}

TEST(CacheFolder, LiesWhereItIsConfigured) {
  DataConfig config;
  config.cache = "/somewhere";
  EXPECT_EQ(cache_folder(config), "/somewhere");
  config.cache = "~/decoded";
  EXPECT_EQ(cache_folder(config), fs::path(std::getenv("HOME")) / "decoded");
  config.cache.clear();
  EXPECT_TRUE(cache_folder(config).string().ends_with("/patronus/data"));
}

TEST(CacheFolder, BytesAreReadable) {
  EXPECT_EQ(bytes_text(12), "12 bytes");
  EXPECT_EQ(bytes_text(5600), "5.6 kB");
  EXPECT_EQ(bytes_text(34'000'000), "34 MB");
  EXPECT_EQ(bytes_text(1'230'000'000), "1.2 GB");
}

}  // namespace
}  // namespace patronus
