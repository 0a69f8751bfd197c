#include "patronus/data/data_config.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "data/data_files.h"
#include "data/listed_images.h"
#include "patronus/io/atomic_file.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// Stands in another folder while it lives.
class InFolder {
 public:
  explicit InFolder(const fs::path& folder) : before_(fs::current_path()) { fs::current_path(folder); }
  ~InFolder() { fs::current_path(before_); }
  InFolder(const InFolder&) = delete;
  InFolder& operator=(const InFolder&) = delete;

 private:
  fs::path before_;
};

DataConfig resolved(const std::string& path, const std::string& csv = "") {
  DataConfig config;
  config.path = path;
  config.csv = csv;
  config.resolve_paths();
  return config;
}

TEST(KindOfFolder, IsToldByFilesThatNoOtherHas) {
  const test::TemporaryFolder folder;
  const auto kind_with = [&](const std::string& file, const std::string& content = "") {
    const fs::path place = folder / "data";
    fs::remove_all(place);
    fs::create_directories((place / file).parent_path());
    write_file(place / file, content);
    return kind_of_folder(place);
  };
  const std::string header = "Path,Sex,Age,Frontal/Lateral,AP/PA,No Finding\n";
  EXPECT_EQ(kind_with("Anno/list_attr_celeba.txt"), DataKind::kCeleba);
  EXPECT_EQ(kind_with("list_attr_celeba.csv"), DataKind::kCeleba);
  EXPECT_EQ(kind_with("train.csv", header), DataKind::kChexpert);
  EXPECT_EQ(kind_with("CheXpert-v1.0-small/train.csv", header), DataKind::kChexpert);
  EXPECT_EQ(kind_with("cifar-10-batches-py/data_batch_1"), DataKind::kCifar10);
  EXPECT_EQ(kind_with("train.csv", "Path,Sex,Age\n"), DataKind::kImages) << "another's table";
  EXPECT_EQ(kind_with("img_align_celeba/0.jpg"), DataKind::kImages) << "without the attributes";
  EXPECT_EQ(kind_with("raw/train-images-idx3-ubyte.gz"), DataKind::kFashionMnist);
  EXPECT_EQ(kind_of_folder(folder / "absent"), DataKind::kImages);
}

TEST(DataConfig, PathsBecomeAbsoluteOnceAndStayAsTyped) {
  const test::TemporaryFolder folder;
  const InFolder here(folder.path());
  const fs::path root = fs::current_path();
  DataConfig config = resolved("data/./set/");
  EXPECT_EQ(config.path, (root / "data/set").string());
  EXPECT_EQ(config.typed_path, "data/./set/");
  EXPECT_EQ(shown_path(config), "data/./set/");
  fs::create_directory(folder / "other");
  const InFolder elsewhere(folder / "other");
  config.resolve_paths();
  EXPECT_EQ(config.path, (root / "data/set").string()) << "not as seen from here";
  EXPECT_EQ(shown_path(config), config.path) << "what was typed would lead elsewhere";
  EXPECT_EQ(resolved("/data/set").typed_path, "");
  EXPECT_EQ(resolved("").path, "");
}

TEST(DataConfig, TheCacheStaysWhereItWasNamed) {
  const test::TemporaryFolder folder;
  const InFolder here(folder.path());
  DataConfig config;
  config.resolve_paths();
  EXPECT_EQ(config.cache, "");
  config.cache = "./cache";
  config.resolve_paths();
  EXPECT_EQ(config.cache, (fs::current_path() / "cache").string());
}

TEST(DataConfig, ATableWithTooLongANameIsNotHere) {
  const std::string name(300, 'a');
  EXPECT_EQ(resolved("/data/set", name).csv, name);
}

TEST(DataConfig, TildeIsTheHomeFolder) {
  const char* home = std::getenv("HOME");
  if (!home) GTEST_SKIP() << "no HOME";
  EXPECT_EQ(resolved("~/faces").path, (fs::path(home) / "faces").string());
  EXPECT_EQ(resolved("~").path, fs::path(home).lexically_normal().string());
  EXPECT_TRUE(resolved("~other/faces").path.ends_with("/~other/faces"));
}

TEST(DataConfig, ATableOfThePresentFolderBecomesAbsoluteUnlessTheDataFolderHasIt) {
  const test::TemporaryFolder folder;
  const InFolder here(folder.path());
  fs::create_directory("data");
  write_file("list.csv", "file\n");
  EXPECT_EQ(resolved("data", "list.csv").csv, (fs::current_path() / "list.csv").string());
  write_file("data/list.csv", "file\n");
  EXPECT_EQ(resolved("data", "list.csv").csv, "list.csv");
  EXPECT_EQ(resolved("data", "absent.csv").csv, "absent.csv");
}

TEST(DataFolder, ThatMovedIsLookedForWhereItWasTyped) {
  const test::TemporaryFolder folder;
  const InFolder here(folder.path());
  fs::create_directories("new/data/set");
  const InFolder moved(folder / "new");
  DataConfig config;
  config.path = "/gone/data/set";
  for (const char* typed : {"data/set", "data/set/", "./data/set"}) {
    config.typed_path = typed;
    EXPECT_EQ(data_folder(config, "images"), typed);
  }
  config.typed_path = "set";
  EXPECT_EQ(test::message_of([&] { data_folder(config, "images"); }),
            "/gone/data/set: no such folder; expected images there; put the data there or name its folder "
            "with --data "
            "FOLDER");
}

TEST(DataFolder, ThatIsAFileIsSaidToBeOne) {
  const test::TemporaryFolder folder;
  DataConfig config;
  config.path = (folder / "photo.png").string();
  write_file(config.path, "");
  EXPECT_EQ(test::message_of([&] { data_folder(config, "images"); }),
            config.path + ": is a file; expected the folder with images; name it with --data FOLDER");
}

}  // namespace
}  // namespace patronus
