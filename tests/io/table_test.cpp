#include "patronus/io/table.h"

#include <gtest/gtest.h>

#include <cmath>

#include "patronus/core/error.h"
#include "patronus/core/random.h"
#include "patronus/io/atomic_file.h"
#include "support/failure.h"
#include "support/run_program.h"
#include "support/tiny_disk.h"

namespace patronus {
namespace {

Table parsed_csv(const std::string& text) {
  const test::TemporaryFolder folder;
  write_file(folder / "t.csv", text);
  return read_csv(folder / "t.csv");
}

/// The message for a file `t.csv` with this text, after the folder.
std::string csv_failure(const std::string& text) {
  const test::TemporaryFolder folder;
  write_file(folder / "t.csv", text);
  const std::string message = test::message_of([&] { read_csv(folder / "t.csv"); });
  const std::string prefix = folder.path().string() + "/";
  return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
}

TEST(Table, QuotesOnlyTheFieldsThatNeedIt) {
  const test::TemporaryFolder folder;
  write_csv(folder / "t.csv",
            {.columns = {"file", "note"}, .rows = {{"a.png", "x, y"}, {"b \"c\"", "1\n2"}, {"", ""}}});
  EXPECT_EQ(test::file_text(folder / "t.csv"), "file,note\na.png,\"x, y\"\n\"b \"\"c\"\"\",\"1\n2\"\n,\n");
}

TEST(Table, ReadsBackWhatItWrote) {
  const test::TemporaryFolder folder;
  for (const Table& table : {Table{{"a", "b,c"}, {{"\"", "\r\n"}, {"", " x "}, {"\"\"", "é"}}},
                             Table{{"one"}, {{""}, {"x"}}}, Table{{"no rows"}, {}}}) {
    write_csv(folder / "t.csv", table);
    const Table back = read_csv(folder / "t.csv");
    EXPECT_EQ(back.columns, table.columns);
    EXPECT_EQ(back.rows, table.rows);
  }
}

TEST(Table, ReadsBackWhateverTextsItHolds) {
  const test::TemporaryFolder folder;
  const std::string letters = "a,\"\r\n; \t'\xC3#";
  uint64_t number = 0;
  for (size_t columns = 1; columns <= 3; ++columns) {
    for (int repeat = 0; repeat < 40; ++repeat) {
      const auto text = [&] {
        std::string cell;
        for (uint64_t bits = derive_seed(7, "cell", number++); bits % 4 != 0; bits /= 64)
          cell += letters[bits / 4 % letters.size()];
        return cell;
      };
      Table table;
      for (size_t c = 0; c < columns; ++c) table.columns.push_back("x" + text());
      for (int r = 0; r < 5; ++r) {
        auto& row = table.rows.emplace_back();
        for (size_t c = 0; c < columns; ++c) row.push_back(text());
      }
      write_csv(folder / "t.csv", table);
      const Table back = read_csv(folder / "t.csv");
      ASSERT_EQ(back.columns, table.columns) << read_file(folder / "t.csv");
      ASSERT_EQ(back.rows, table.rows) << read_file(folder / "t.csv");
    }
  }
}

TEST(Table, NumbersHaveSevenDigitsOrAreUnknown) {
  EXPECT_EQ(number_cell(1.0 / 3), "0.3333333");
  EXPECT_EQ(number_cell(-2), "-2");
  EXPECT_EQ(number_cell(1e-12), "1e-12");
  for (const double none : {HUGE_VAL, -HUGE_VAL, std::nan("")}) EXPECT_EQ(number_cell(none), "");
}

TEST(Table, IsWrittenRowByRow) {
  const test::TemporaryFolder folder;
  write_csv(folder / "t.csv", {"a", "b"}, [](const AddRow& add) {
    for (int i = 0; i < 3; ++i) add({std::to_string(i), "x,y"});
  });
  EXPECT_EQ(test::file_text(folder / "t.csv"), "a,b\n0,\"x,y\"\n1,\"x,y\"\n2,\"x,y\"\n");
}

TEST(Table, LeavesTheOldFileWhereARowCannotBeHad) {
  const test::TemporaryFolder folder;
  write_csv(folder / "t.csv", Table{{"a"}, {{"1"}}});
  const auto fail = [](const AddRow& add) {
    add({"2"});
    throw DataError("no more");
  };
  EXPECT_EQ(test::message_of([&] { write_csv(folder / "t.csv", {"a"}, fail); }), "no more");
  EXPECT_EQ(test::file_text(folder / "t.csv"), "a\n1\n");
}

TEST(Table, NamesTheFileForWhichTheDiskIsFull) {
  const test::TemporaryFolder folder;
  const test::TinyDisk disk(folder.path(), 64);
  if (!disk.mounted()) GTEST_SKIP() << "only root may mount a small disk";
  const std::string message = test::message_of([&] {
    write_csv(folder / "t.csv", {"a"}, [](const AddRow& add) {
      for (int i = 0; i < 100000; ++i) add({"0123456789"});
    });
  });
  EXPECT_EQ(message, (folder / "t.csv").string() + ": cannot be written: No space left on device");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Table, ReadsForeignLineEndsByteOrderMarkAndEmptyLines) {
  const Table table = parsed_csv("\xEF\xBB\xBF\"file\",split\r\n\r\na.png,train\r\nb.png,\"x\"\"y\"\r\n\n");
  EXPECT_EQ(table.columns, (std::vector<std::string>{"file", "split"}));
  EXPECT_EQ(table.rows, (std::vector<std::vector<std::string>>{{"a.png", "train"}, {"b.png", "x\"y"}}));
  EXPECT_EQ(parsed_csv("a,b\n1,").rows, (std::vector<std::vector<std::string>>{{"1", ""}}));
}

TEST(Table, NamesFileAndLineOfABrokenRow) {
  EXPECT_EQ(csv_failure("a,b\n1,2\n\n1,2,3\n"), "t.csv:4: 3 fields; expected 2 as in the header");
  EXPECT_EQ(csv_failure("a,b\n\"x\ny\",1\n1\n"), "t.csv:4: 1 field; expected 2 as in the header");
  EXPECT_EQ(csv_failure("a,b\n1,2\n\"x,2\n3,4\n"),
            "t.csv:3: a quoted field is not closed; add the missing \"");
  EXPECT_EQ(csv_failure("a,b\n\"x\"y,2\n"),
            "t.csv:2: text after a closing quote; expected a separator or a line end");
  EXPECT_EQ(csv_failure("\n\n"), "t.csv: the file is empty; expected a header line");
}

TEST(Table, AMissingFileIsNamed) {
  EXPECT_EQ(test::message_of([] { read_csv("/absent/t.csv"); }),
            "/absent/t.csv: cannot be read: No such file or directory");
}

TEST(Table, AMissingColumnListsTheOthersAndANearName) {
  const Table table{.columns = {"file", "split", "Smiling"}, .rows = {}};
  EXPECT_EQ(table.column("Smiling"), 2u);
  EXPECT_EQ(test::message_of([&] { table.column("smiling"); }),
            "no column 'smiling'; found file, split, Smiling; did you mean Smiling?");
}

}  // namespace
}  // namespace patronus
