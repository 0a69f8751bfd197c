#include "patronus/io/replaced_files.h"

#include <gtest/gtest.h>

#include "patronus/io/atomic_file.h"
#include "support/failure.h"
#include "support/run_program.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

class ReplacedFiles : public testing::Test {
 protected:
  void announce() const {
    announce_replaced({{page, {"<html>"}}, {numbers, {"{\"page\""}}, {table}}, "page");
  }
  std::string refusal() const {
    return test::message_of([&] { announce(); });
  }

  test::TemporaryFolder folder;
  fs::path page = folder / "a.html", numbers = folder / "a.json", table = folder / "a.csv";
};

TEST_F(ReplacedFiles, AreSaidOnceTheyAreThere) {
  testing::internal::CaptureStderr();
  announce();
  write_file(page, "<html>...");
  write_file(table, "a,b\n");
  announce();
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(said.ends_with(page.string() + ", " + table.string() + ": will be replaced\n")) << said;
  EXPECT_EQ(said.find("will be replaced"), said.rfind("will be replaced"));
}

TEST_F(ReplacedFiles, OfAnotherAreRefused) {
  const std::string another = ": would be replaced, and is of no page; choose another --out";
  write_file(table, "a,b\n");
  EXPECT_EQ(refusal(), table.string() + another) << "with none of the files that tell";
  write_file(numbers, "[1, 2]");
  EXPECT_EQ(refusal(), numbers.string() + another);
  write_file(page, "%PDF");
  EXPECT_EQ(refusal(), page.string() + another);
  write_file(page, "");
  EXPECT_EQ(refusal(), numbers.string() + another) << "beside a page, too";
  write_file(numbers, "");
  EXPECT_EQ(refusal(), "no error") << "files that were made for it";
}

TEST_F(ReplacedFiles, AreKnownByTheNextOnceTheFirstIsGone) {
  write_file(numbers, "{\"page\": 1}");
  write_file(table, "a,b\n");
  EXPECT_EQ(refusal(), "no error");
  write_file(page, "%PDF");
  EXPECT_EQ(refusal(), page.string() + ": would be replaced, and is of no page; choose another --out");
}

TEST_F(ReplacedFiles, AreNoFolders) {
  fs::create_directory(table);
  EXPECT_EQ(refusal(), table.string() + ": is a folder; expected a file or nothing; choose another --out");
}

}  // namespace
}  // namespace patronus
