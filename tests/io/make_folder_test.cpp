#include "patronus/io/make_folder.h"

#include <gtest/gtest.h>

#include "patronus/io/atomic_file.h"
#include "support/failure.h"
#include "support/run_program.h"

namespace patronus {
namespace {

TEST(MakeFolder, MakesTheFoldersAboveItAndTakesOneThatIsThere) {
  const test::TemporaryFolder folder;
  for (int time = 0; time < 2; ++time) {
    EXPECT_EQ(make_folder(folder.path() / "a/b"), folder.path() / "a/b");
    EXPECT_TRUE(std::filesystem::is_directory(folder.path() / "a/b"));
  }
}

TEST(MakeFolder, SaysWhyItFails) {
  const test::TemporaryFolder folder;
  write_file(folder.path() / "file", "");
  const auto path = folder.path() / "file/a";
  EXPECT_EQ(test::message_of([&] { make_folder(path); }),
            path.string() + ": cannot be made: Not a directory");
  EXPECT_EQ(test::message_of([&] { make_folder(path, "name another"); }),
            path.string() + ": cannot be made: Not a directory; name another");
}

TEST(CreatedFolder, GoesWithThoseItMadeAboveItAsFarAsTheyAreEmpty) {
  const test::TemporaryFolder folder;
  std::filesystem::create_directory(folder / "mine");
  for (const auto* path : {"mine", "mine/a/b", "mine/c/d"}) {
    const CreatedFolder made(folder / path);
    EXPECT_TRUE(std::filesystem::is_directory(folder / path));
    if (path == std::string("mine/c/d")) write_file(folder / "mine/c/results", "");
  }
  EXPECT_TRUE(std::filesystem::exists(folder / "mine")) << "was there before";
  EXPECT_FALSE(std::filesystem::exists(folder / "mine/a"));
  EXPECT_FALSE(std::filesystem::exists(folder / "mine/c/d"));
  EXPECT_TRUE(std::filesystem::exists(folder / "mine/c/results"));
}

}  // namespace
}  // namespace patronus
