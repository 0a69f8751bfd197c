#include "data/folder_scan.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iostream>

#include "patronus/io/atomic_file.h"
#include "support/failure.h"
#include "support/run_program.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// A file, in a folder that is made.
void place(const fs::path& path) {
  fs::create_directories(path.parent_path());
  write_file(path, "x");
}

/// "3 hidden files and folders", for every reason.
std::vector<std::string> reasons(const FolderScan& scan) {
  std::vector<std::string> texts;
  for (const auto& left_out : scan.left_out)
    texts.push_back(std::to_string(left_out.count) + " " + left_out.what);
  std::sort(texts.begin(), texts.end());
  return texts;
}

TEST(FolderScan, FindsImagesAtEveryDepthFolderByFolder) {
  const test::TemporaryFolder folder;
  for (const char* name : {"cat/2.png", "cat/deep/er/1.JPG", "cat-a/1.png", "b.webp", "cat/10.tif"})
    place(folder / name);
  EXPECT_EQ(
      scan_folder(folder.path()).images,
      (std::vector<std::string>{"b.webp", "cat/10.tif", "cat/2.png", "cat/deep/er/1.JPG", "cat-a/1.png"}));
}

TEST(FolderScan, CountsWhatItPassesOver) {
  const test::TemporaryFolder folder;
  for (const char* name :
       {"a.png", "a.HEIC", "b.heic", "x.dcm", "notes.txt", "list.csv", ".DS_Store", "._a.png", ".git/a.png",
        "__MACOSX/a.png", "sub/other.csv", "sub/@eaDir/a.png/thumb.jpg", "$RECYCLE.BIN/b.png"}) {
    place(folder / name);
  }
  fs::create_directory(folder / "empty");
  const FolderScan scan = scan_folder(folder.path());
  EXPECT_EQ(scan.images, std::vector<std::string>{"a.png"});
  EXPECT_EQ(scan.tables, std::vector<std::string>{"list.csv"});
  EXPECT_EQ(reasons(scan),
            (std::vector<std::string>{"1 .dcm images, which are not read", "1 empty folders",
                                      "2 .heic images, which are not read", "2 other files",
                                      "3 folders of the system", "3 hidden files and folders"}));
  for (const auto& left_out : scan.left_out) {
    EXPECT_EQ(left_out.matters, left_out.what.ends_with("not read")) << left_out.what;
  }
}

TEST(FolderScan, NamesFilesInOrder) {
  const test::TemporaryFolder folder;
  for (const char* name : {"3.heic", "1.heic", "4.heic", "2.heic"}) place(folder / name);
  EXPECT_EQ(scan_folder(folder.path()).left_out[0].examples,
            (std::vector<std::string>{"1.heic", "2.heic", "3.heic"}));
}

TEST(FolderScan, ARunInTheDataFolderIsNoData) {
  const test::TemporaryFolder folder;
  for (const char* name : {"a.png", "runs/x/config.yaml", "runs/x/checkpoints/step-1.pt", "runs/x/loss.png",
                           "runs/x/samples/s.png", "config.yaml"}) {
    place(folder / name);
  }
  const FolderScan scan = scan_folder(folder.path());
  EXPECT_EQ(scan.images, std::vector<std::string>{"a.png"});
  EXPECT_EQ(reasons(scan), (std::vector<std::string>{"1 folders of runs", "1 other files"}));
}

TEST(FolderScan, AConfigurationThatCannotBeLookedAtMakesNoRun) {
  const test::TemporaryFolder folder;
  place(folder / "sub/a.png");
  fs::create_directory(folder / "sub/checkpoints");
  fs::create_symlink("config.yaml", folder / "sub/config.yaml");
  const FolderScan scan = scan_folder(folder.path());
  EXPECT_EQ(scan.images, std::vector<std::string>{"sub/a.png"});
  EXPECT_EQ(reasons(scan), (std::vector<std::string>{"1 empty folders", "1 other files"}));
}

TEST(FolderScan, AFolderThatCannotBeReadIsNamed) {
  const test::TemporaryFolder folder;
  fs::create_directory(folder / "locked");
  fs::permissions(folder / "locked", fs::perms::none);
  fs::permissions(folder.path(), fs::perms::all);
  const auto scanned = test::run_in_fork(
      [&] {
        constexpr uid_t kNobody = 65534;  // root reads every folder
        if (geteuid() == 0 && setuid(kNobody) != 0) return 1;
        std::cerr << test::message_of([&] { scan_folder(folder.path()); });
        return 0;
      },
      folder.path());
  EXPECT_EQ(scanned.status, 0);
  EXPECT_EQ(scanned.errors, (folder / "locked").string() + ": cannot be read: Permission denied");
  fs::permissions(folder / "locked", fs::perms::owner_all);
}

TEST(FolderScan, FollowsLinksButNotInCircles) {
  const test::TemporaryFolder folder;
  place(folder / "data/a/1.png");
  place(folder / "elsewhere/2.png");
  fs::create_symlink(folder / "elsewhere", folder / "data/b");
  fs::create_symlink(folder / "data", folder / "data/a/again");
  const FolderScan scan = scan_folder(folder / "data");
  EXPECT_EQ(scan.images, (std::vector<std::string>{"a/1.png", "b/2.png"}));
  EXPECT_EQ(reasons(scan), std::vector<std::string>{"1 links to a folder around them"});
}

TEST(FolderScan, FollowsTwoFoldersThatLinkToEachOtherOnce) {
  const test::TemporaryFolder folder;
  place(folder / "a/1.png");
  place(folder / "b/2.png");
  fs::create_symlink("../b", folder / "a/to_b");
  fs::create_symlink("../a", folder / "b/to_a");
  const FolderScan scan = scan_folder(folder.path());
  EXPECT_EQ(scan.images, (std::vector<std::string>{"a/1.png", "a/to_b/2.png", "b/2.png", "b/to_a/1.png"}));
  EXPECT_EQ(reasons(scan), std::vector<std::string>{"2 links to a folder around them"});
}

TEST(FolderScan, APipeIsNoImage) {
  const test::TemporaryFolder folder;
  place(folder / "a.png");
  ASSERT_EQ(mkfifo((folder / "b.png").c_str(), 0600), 0);
  const FolderScan scan = scan_folder(folder.path());
  EXPECT_EQ(scan.images, std::vector<std::string>{"a.png"});
  EXPECT_EQ(reasons(scan), std::vector<std::string>{"1 other files"});
}

}  // namespace
}  // namespace patronus
