#include "patronus/analysis/replace_files.h"

#include <gtest/gtest.h>

#include "patronus/io/atomic_file.h"
#include "support/run_program.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// An output folder into which calls write files.
class ReplacedFiles : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_ / "out/images"); }
  void call(const std::vector<std::string>& files) const {
    replace_files(folder_ / "out", files);
    for (const auto& file : files) write_file(folder_ / "out" / file, "ours");
  }
  bool exists(const std::string& file) const { return fs::exists(folder_ / "out" / file); }

  test::TemporaryFolder folder_;
};

TEST_F(ReplacedFiles, AreThoseOfTheEarlierCallAndNoOthers) {
  write_file(folder_ / "out/images/00002.png", "a user's");
  call({"images/00000.png", "images/00001.png", "effects.csv"});
  call({"images/00000.png"});
  EXPECT_TRUE(exists("images/00000.png"));
  EXPECT_FALSE(exists("images/00001.png"));
  EXPECT_FALSE(exists("effects.csv"));
  EXPECT_TRUE(exists("images/00002.png"));
}

TEST_F(ReplacedFiles, AreKnownOfACallThatWasKilledBeforeItWroteThem) {
  replace_files(folder_ / "out", {"images/00000.png", "images/00001.png"});
  write_file(folder_ / "out/images/00001.png", "all that it wrote");
  call({});
  EXPECT_FALSE(exists("images/00001.png"));
}

TEST_F(ReplacedFiles, LieInTheFolder) {
  write_file(folder_ / "outside.csv", "a user's");
  write_file(folder_ / "out/files.csv", "file\n../outside.csv\nimages/../../outside.csv\n" +
                                            (folder_ / "outside.csv").string() + "\nimages\n");
  call({});
  EXPECT_TRUE(fs::exists(folder_ / "outside.csv"));
  EXPECT_TRUE(exists("images"));
}

TEST_F(ReplacedFiles, StayWhereTheirListIsDamaged) {
  call({"a.png"});
  write_file(folder_ / "out/files.csv", "file\n\"a.png\n");
  call({"b.png"});
  EXPECT_TRUE(exists("a.png"));
  call({});
  EXPECT_FALSE(exists("b.png"));
}

TEST(NamesOfFigures, HaveEveryFormat) {
  EXPECT_EQ(names_of_figures({"a", "b.c"}, {FigureFormat::kPng, FigureFormat::kSvg}),
            (std::vector<std::string>{"a.png", "a.svg", "b.c.png", "b.c.svg"}));
}

}  // namespace
}  // namespace patronus
