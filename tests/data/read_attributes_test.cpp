#include "patronus/data/read_attributes.h"

#include <gtest/gtest.h>

#include "patronus/core/unknown.h"
#include "patronus/io/atomic_file.h"
#include "support/failure.h"
#include "support/run_program.h"

namespace patronus {
namespace {

class ReadAttributes : public testing::Test {
 protected:
  AttributeTable read(const std::string& content, const std::vector<std::string>& files) {
    write_file(folder / "table.csv", content);
    return read_attributes(folder / "table.csv", files);
  }

  test::TemporaryFolder folder;
};

TEST_F(ReadAttributes, SaysThatAColumnOfNotesIsLeftOut) {
  std::string content = "file,report,hat\n";
  std::vector<std::string> files;
  for (int i = 0; i < 200; ++i) {
    files.push_back(std::to_string(i) + ".png");
    content += files.back() + ",of " + std::to_string(i) + ",1\n";
  }
  testing::internal::CaptureStderr();
  EXPECT_EQ(read(content, files).names, std::vector<std::string>{"hat"});
  EXPECT_NE(testing::internal::GetCapturedStderr().find(
                "left out: columns of more than 100 values, or another in every row: 1 (report)"),
            std::string::npos);
}

TEST_F(ReadAttributes, GivesTheRowsOfTheImagesInTheirOrder) {
  const auto table = read("file,hat,glasses\na,1,0\nb,0,\nc,1,1\n", {"c", "folder/b.png"});
  EXPECT_EQ(table.names, (std::vector<std::string>{"hat", "glasses"}));
  EXPECT_EQ(table.values[0][0].item<int64_t>(), 1);
  EXPECT_EQ(table.values[1][0].item<int64_t>(), 0);
  EXPECT_EQ(table.values[1][1].item<int64_t>(), kUnknown);
}

TEST_F(ReadAttributes, SaysHowAmbiguousValuesAreReadAndWhatIsLeftOut) {
  testing::internal::CaptureStderr();
  read("file,sex,hat,\na,male,-1,0\nb,female,1,1\n", {"a", "b"});
  const std::string table = (folder / "table.csv").string(), said = testing::internal::GetCapturedStderr();
  for (const std::string& line :
       {table + ": sex: 1 is male; -1 is 0\n", table + ": left out: columns without a name: 1"})
    EXPECT_NE(said.find(line), std::string::npos) << said;
}

TEST_F(ReadAttributes, NamesTheFirstImageThatTheTableMisses) {
  const std::string file = (folder / "table.csv").string();
  EXPECT_EQ(test::message_of([&] {
              read("file,hat\na,1\n", {"a", "b", "c"});
            }),
            file + ": misses 2 of 3 images, the first is b; expected a row for every image");
  EXPECT_EQ(test::message_of([&] { read("file,hat\na,1\na,0\n", {"a"}); }),
            file + ":3: a was named in line 2 already; expected it once; remove one of the two lines");
  EXPECT_EQ(test::message_of([&] { read("file\na\n", {"a"}); }),
            file + ":1: no column of attributes; expected one beside the file names");
}

TEST_F(ReadAttributes, FindsImagesByTheEndOfTheirPathWhereThatIsOneImages) {
  const auto table = read("file,hat\n5.png,1\ny/6.png,0\n", {"x/5.png", "y/6.png"});
  EXPECT_EQ(table.values[0][0].item<int64_t>(), 1);
  EXPECT_EQ(table.values[1][0].item<int64_t>(), 0);
  EXPECT_EQ(
      test::message_of([&] {
        read("file,hat\n5,1\n", {"x/5.png", "y/5.png"});
      }),
      (folder / "table.csv").string() + ":2: 5 may be x/5.png and y/5.png; give its folder in the table");
}

}  // namespace
}  // namespace patronus
