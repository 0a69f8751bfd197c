#include "patronus/io/replace_results.h"

#include <gtest/gtest.h>

#include "patronus/core/error.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/table.h"
#include "support/failure.h"
#include "support/run_program.h"
#include "support/tiny_disk.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// A folder into which commands write files whose content is the number of the call.
class ReplaceResults : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(out()); }
  fs::path out() const { return folder_ / "out"; }
  bool exists(const std::string& file) const { return fs::exists(out() / file); }
  std::string text(const std::string& file) const { return read_file(out() / file); }

  void call(const std::vector<std::string>& files, const std::string& command = "sample") {
    ++calls_;
    replace_results(out(), command, [&](const fs::path& draft) {
      for (const auto& file : files) {
        fs::create_directories((draft / file).parent_path());
        write_file(draft / file, std::to_string(calls_));
      }
    });
  }

  test::TemporaryFolder folder_;
  int calls_ = 0;
};

TEST_F(ReplaceResults, RemovesWhatTheEarlierCallWroteAndNothingElse) {
  call({"images/00000.png", "images/00001.png", "effects.csv"});
  write_file(out() / "images/00002.png", "a user's");
  call({"images/00000.png"});
  EXPECT_EQ(text("images/00000.png"), "2");
  EXPECT_FALSE(exists("images/00001.png"));
  EXPECT_FALSE(exists("effects.csv"));
  EXPECT_TRUE(exists("images/00002.png"));
  EXPECT_FALSE(exists(".patronus-draft"));
}

TEST_F(ReplaceResults, LeavesThoseOfAnotherCommand) {
  call({"samples.csv"}, "sample");
  call({"effects.csv"}, "manipulate");
  call({}, "sample");
  EXPECT_FALSE(exists("samples.csv"));
  EXPECT_TRUE(exists("effects.csv"));
  EXPECT_EQ(read_csv(out() / "files.csv").rows,
            (std::vector<std::vector<std::string>>{{"effects.csv", "manipulate"}}));
}

TEST_F(ReplaceResults, AFileBelongsToTheCommandThatWroteItLast) {
  call({"effects.csv"}, "evaluate");
  call({"effects.csv"}, "manipulate");
  call({}, "evaluate");
  EXPECT_TRUE(exists("effects.csv"));
  call({}, "manipulate");
  EXPECT_FALSE(exists("effects.csv"));
}

TEST_F(ReplaceResults, LeavesTheEarlierOnesWhereWritingFails) {
  call({"a.csv", "b.csv"});
  const auto fail = [&](const fs::path& draft) {
    write_file(draft / "a.csv", "half of the new ones");
    throw DataError("no more");
  };
  EXPECT_EQ(test::message_of([&] { replace_results(out(), "sample", fail); }), "no more");
  EXPECT_EQ(text("a.csv"), "1");
  EXPECT_EQ(text("b.csv"), "1");
  EXPECT_FALSE(exists(".patronus-draft"));
}

TEST_F(ReplaceResults, IgnoresTheDraftOfAProcessThatWasKilled) {
  call({"a.csv"});
  fs::create_directories(out() / ".patronus-draft/images");
  write_file(out() / ".patronus-draft/images/00000.png", "half written");
  call({"b.csv"});
  EXPECT_FALSE(exists("images/00000.png"));
  EXPECT_FALSE(exists("a.csv"));
}

TEST_F(ReplaceResults, CompletesWhatAProcessHadReadyThatWasKilledThen) {
  call({"a.csv", "b.csv"});
  write_file(out() / "mine.csv", "a user's");
  fs::create_directories(out() / ".patronus-ready-sample/images");
  write_file(out() / "c.csv", "moved before it was killed");
  write_file(out() / ".patronus-ready-sample/images/00000.png", "ready");
  write_file(out() / ".patronus-ready-sample/files.csv",
             "file,command\nc.csv,sample\nimages/00000.png,sample\n");
  call({"d.csv"}, "manipulate");
  EXPECT_FALSE(exists("a.csv"));
  EXPECT_EQ(text("c.csv"), "moved before it was killed");
  EXPECT_EQ(text("images/00000.png"), "ready");
  EXPECT_EQ(text("d.csv"), "2");
  EXPECT_FALSE(exists(".patronus-ready-sample"));
  call({});
  EXPECT_FALSE(exists("c.csv"));
  EXPECT_FALSE(exists("images/00000.png"));
  EXPECT_TRUE(exists("d.csv"));
  EXPECT_TRUE(exists("mine.csv"));
}

TEST_F(ReplaceResults, KeepsTheResultsOfAProcessThatWasKilledAtTheVeryEnd) {
  call({"a.png"});
  fs::create_directory(out() / ".patronus-ready-sample");
  const auto fail = [](const fs::path&) { throw DataError("no more"); };
  EXPECT_EQ(test::message_of([&] { replace_results(out(), "sample", fail); }), "no more");
  EXPECT_TRUE(exists("a.png"));
  EXPECT_FALSE(exists(".patronus-ready-sample"));
}

TEST_F(ReplaceResults, RefusesAFolderWithATableOfAnotherOfThatName) {
  for (const std::string table : {"file\na.csv\n", "file,label\na.csv,sample\n", "file,command,age\n", ""}) {
    write_file(out() / "files.csv", table);
    write_file(out() / "a.csv", "a user's");
    EXPECT_EQ(test::message_of([&] { call({"b.csv"}); }),
              (out() / "files.csv").string() +
                  ": is not a list of results, which would take its place; choose another folder with --out");
    EXPECT_EQ(text("files.csv"), table);
    EXPECT_EQ(text("a.csv"), "a user's");
    EXPECT_FALSE(exists("b.csv"));
  }
}

TEST_F(ReplaceResults, RefusesFilesOfOthersButNoneThatAnotherProcessIsMovingThere) {
  const auto refused = [&] { return test::message_of([&] { refuse_files_of_others(out(), {"kept.pt"}); }); };
  for (const char* file : {"kept.pt", ".hidden"}) write_file(out() / file, "");
  EXPECT_EQ(refused(), "no error");
  write_file(out() / "a.png", "");
  EXPECT_EQ(refused(), out().string() +
                           ": holds files that are no results (a.png), which might be replaced; choose "
                           "another folder with --out");
  fs::create_directory(out() / ".patronus-ready-sample");  // a.png was moved from there
  EXPECT_EQ(refused(), "no error");
  EXPECT_EQ(test::message_of([&] { require_results_folder(out()); }), "no error");
  fs::remove(out() / ".patronus-ready-sample");
  write_file(out() / "files.csv", "file,command\na.png,sample\n");
  EXPECT_EQ(refused(), "no error");
}

TEST_F(ReplaceResults, LeavesHiddenFilesAndFoldersOfOthers) {
  for (const char* folder : {".draft", ".ready-sample"}) {
    fs::create_directories(out() / folder);
    write_file(out() / folder / "thesis.txt", "a user's");
  }
  call({"a.csv"});
  EXPECT_EQ(text(".draft/thesis.txt"), "a user's");
  EXPECT_EQ(text(".ready-sample/thesis.txt"), "a user's");
}

TEST_F(ReplaceResults, FollowsALinkToAnotherFileSystem) {
  const test::TemporaryFolder mounted;
  const test::TinyDisk disk(mounted.path(), 64);
  if (!disk.mounted()) GTEST_SKIP() << "only root may mount a small disk";
  fs::create_directory_symlink(mounted.path(), out() / "images");
  call({"images/00000.png"});
  EXPECT_EQ(read_file(mounted / "00000.png"), "1");
  EXPECT_TRUE(fs::is_symlink(out() / "images"));
}

TEST_F(ReplaceResults, NeverLeavesTheFolder) {
  write_file(folder_ / "outside.csv", "a user's");
  fs::create_directories(out() / "images");
  write_file(out() / "files.csv", "file,command\n../outside.csv,sample\nimages/../../outside.csv,sample\n" +
                                      (folder_ / "outside.csv").string() + ",sample\nimages,sample\n");
  call({});
  EXPECT_TRUE(fs::exists(folder_ / "outside.csv"));
  EXPECT_TRUE(exists("images"));
}

TEST_F(ReplaceResults, RemovesNothingWhereTheListIsDamaged) {
  call({"a.png"});
  write_file(out() / "files.csv", "file,command\n\"a.png\n");
  call({"b.png"});
  EXPECT_TRUE(exists("a.png"));
  call({});
  EXPECT_FALSE(exists("b.png"));
}

TEST_F(ReplaceResults, KeepsWhatIsReadyWhereItsListIsDamaged) {
  const fs::path ready = out() / ".patronus-ready-sample";
  call({"a.csv"});
  fs::create_directory(ready);
  write_file(ready / "a.csv", "ready");
  for (const auto& [list, damage] : {std::pair{"file,command\na.csv,sample\n\"b.csv\n",
                                               ":3: a quoted field is not closed; add the missing \""},
                                     {"", ": the file is empty; expected a header line"},
                                     {"file\na.csv\n", ": is not a list of results"}}) {
    write_file(ready / "files.csv", list);
    EXPECT_EQ(test::message_of([&] { require_results_folder(out()); }), "no error") << "may be being moved";
    EXPECT_NE(test::message_of([&] { require_whole_results(out()); }), "no error");
    EXPECT_EQ(test::message_of([&] { call({"c.csv"}, "manipulate"); }),
              (ready / "files.csv").string() + damage + "; it lists results that are whole; remove " +
                  ready.string() + " to go on without them");
    EXPECT_EQ(text("a.csv"), "1");
    EXPECT_EQ(text(".patronus-ready-sample/a.csv"), "ready");
  }
  fs::remove_all(ready);
  call({"c.csv"}, "manipulate");
  EXPECT_TRUE(exists("c.csv"));
}

TEST_F(ReplaceResults, KeepsWhatCannotTakeItsPlaceAndSaysWhere) {
  fs::create_directories(out() / "a.csv/full");
  const std::string message = (out() / "a.csv").string() +
                              ": cannot be replaced: Is a directory; the new one is " +
                              (out() / ".patronus-ready-sample/a.csv").string();
  EXPECT_EQ(test::message_of([&] { call({"a.csv", "b.csv"}); }), message);
  EXPECT_EQ(text(".patronus-ready-sample/a.csv"), "1");
  fs::remove_all(out() / "a.csv");
  call({}, "manipulate");
  EXPECT_EQ(text("a.csv"), "1");
  EXPECT_EQ(text("b.csv"), "1");
}

}  // namespace
}  // namespace patronus
