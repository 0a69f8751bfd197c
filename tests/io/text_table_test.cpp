#include "patronus/io/text_table.h"

#include <gtest/gtest.h>

#include "patronus/io/atomic_file.h"
#include "support/failure.h"
#include "support/run_program.h"

namespace patronus {
namespace {

TextTable text_table(const std::string& bytes) {
  const test::TemporaryFolder folder;
  write_file(folder / "t.csv", bytes);
  return read_text_table(folder / "t.csv");
}

/// The message for a table with this content, after its folder.
std::string table_failure(const std::string& bytes) {
  const test::TemporaryFolder folder;
  write_file(folder / "t.csv", bytes);
  const std::string message = test::message_of([&] { read_text_table(folder / "t.csv"); });
  const std::string prefix = folder.path().string() + "/";
  return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
}

/// All cells, "file,hat|a.png,1|b.png,0".
std::string flat(const TextTable& table) {
  std::string text;
  const auto add_row = [&](const auto& cell) {
    for (size_t c = 0; c < table.columns.size(); ++c) text += (c ? "," : "") + cell(table.columns[c]);
  };
  add_row([](const TextColumn& column) { return column.name; });
  for (size_t row = 0; row < table.rows(); ++row) {
    text += "|";
    add_row([&](const TextColumn& column) { return column.cell(row); });
  }
  return text;
}

/// `text`, of ASCII letters and é, in UTF-16 with a byte order mark.
std::string utf16(const std::string& text, bool big_endian) {
  std::string bytes;
  const auto add = [&](int unit) {
    const char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit);
    bytes += big_endian ? std::string{high, low} : std::string{low, high};
  };
  add(0xFEFF);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\xC3') {
      add(0xE9);
      ++i;
    } else {
      add(text[i]);
    }
  }
  return bytes;
}

TEST(TextTable, IsTheSameInEveryDialect) {
  const std::string expected = "file,hat|a.png,1|é b.png,0";
  for (const std::string& bytes :
       {std::string("file,hat\na.png,1\né b.png,0\n"), std::string("file;hat\r\na.png;1\r\né b.png;0\r\n"),
        std::string("file\that\ra.png\t1\ré b.png\t0"),
        std::string(" file , hat\n\na.png,  1\n é b.png,0 \n"),
        std::string("\xEF\xBB\xBF\"file\",\"hat\"\n\"a.png\",1\n\"é b.png\",0\n"),
        utf16("file,hat\na.png,1\né b.png,0\n", true), utf16("file,hat\na.png,1\né b.png,0\n", false)}) {
    EXPECT_EQ(flat(text_table(bytes)), expected);
  }
}

TEST(TextTable, FindsColumnsByTheFirstOfSeveralNames) {
  const TextTable table = text_table(",Path,split\n0,a.png,train\n1,b.png,test\n2,c.png,test\n");
  EXPECT_EQ(table.find_column({"file", "split", "Path"}), 2u);
  EXPECT_EQ(table.find_column({"path"}), std::nullopt);
  EXPECT_EQ(table.find_column({"path"}, /*ignore_case=*/true), 1u);
  EXPECT_EQ(table.columns[2].first_row(1), 1u);
}

TEST(TextTable, TakesTheSeparatorThatTheHeaderHasMostOf) {
  EXPECT_EQ(flat(text_table("file;\"a;b, c,d\";x,y\n1;2;3\n")), "file,a;b, c,d,x,y|1,2,3");
  EXPECT_EQ(flat(text_table("file\na.png\n")), "file|a.png");
}

TEST(TextTable, MayBeginWithEmptyLines) {
  for (const char* bytes : {"\nfile;hat\na.png;1\n", "\r\n\r\nfile\that\r\na.png\t1\r\n"})
    EXPECT_EQ(flat(text_table(bytes)), "file,hat|a.png,1");
  EXPECT_TRUE(text_table("\n\nfile;hat\n").where_header().ends_with("t.csv:3: "));
}

TEST(TextTable, MayTellExcelItsSeparator) {
  for (const char* bytes : {"sep=;\nfile;hat\na.png;1\n", "sep=,\r\nfile,hat\r\na.png,1\r\n",
                            "\xEF\xBB\xBFsep=\t\nfile\that\na.png\t1\n"})
    EXPECT_EQ(flat(text_table(bytes)), "file,hat|a.png,1");
  EXPECT_EQ(table_failure("sep=;\n"), "t.csv: the file is empty; expected a header line");
}

TEST(TextTable, BlanksBeforeAQuotedCellAreNoPartOfIt) {
  EXPECT_EQ(flat(text_table("file, \"smile\"\n0.png, \"yes\"\n1.png, \t\"no, \"\"no\"\"\"\n")),
            "file,smile|0.png,yes|1.png,no, \"no\"");
  EXPECT_EQ(flat(text_table("file\tx\ty\na.png\t\t\"1\"\n")), "file,x,y|a.png,,1")
      << "a separator is no blank";
}

TEST(TextTable, BlanksBehindAQuotedCellAreNoPartOfIt) {
  EXPECT_EQ(flat(text_table("file,\"smile\" ,hat\n0.png,\"yes\" \t,1\n1.png,0,\"no\"  \r\n")),
            "file,smile,hat|0.png,yes,1|1.png,0,no");
  EXPECT_EQ(flat(text_table("file\tx\ty\n\"a.png\"\t\t1\n")), "file,x,y|a.png,,1")
      << "a separator is no blank";
  EXPECT_EQ(table_failure("file,x\na.png,\"1\" 2\n"),
            "t.csv:2: text after a closing quote; expected a separator or a line end");
}

TEST(TextTable, KeepsTheLinesOfItsRowsAndItsDifferentCells) {
  const TextTable table = text_table("file,hat\n\na.png,1\n\"b\n.png\",0\nc.png,1\n");
  EXPECT_EQ(table.lines, (std::vector<size_t>{3, 4, 6}));
  EXPECT_TRUE(table.where(2).ends_with("t.csv:6: "));
  EXPECT_EQ(table.columns[1].texts(), (std::vector<std::string>{"1", "0"}));
  EXPECT_EQ(table.columns[1].codes(), (std::vector<int32_t>{0, 1, 0}));
}

TEST(TextTable, KeepsTheNamesAloneOfColumnsThatNobodyWants) {
  const test::TemporaryFolder folder;
  write_file(folder / "t.csv", "file,report,hat\na.png,long,1\nb.png,longer,0\n");
  const TextTable table =
      read_text_table(folder / "t.csv", [](const TextColumn& column) { return column.name != "report"; });
  ASSERT_EQ(table.columns.size(), 3u);
  EXPECT_EQ(table.columns[1].name, "report");
  EXPECT_TRUE(table.columns[1].texts().empty());
  EXPECT_EQ(table.columns[2].cell(1), "0");
  EXPECT_EQ(table.rows(), 2u);
}

TEST(TextTable, DropsTheCellsOfAColumnThatTurnsOutUnwanted) {
  const test::TemporaryFolder folder;
  write_file(folder / "t.csv", "file,note\na,p\nb,p\nc,q\nd,r\ne,s\nf,t\n");
  std::vector<size_t> asked;
  const TextTable table = read_text_table(folder / "t.csv", [&](const TextColumn& column) {
    if (column.name == "file") return true;
    asked.push_back(column.texts().size());
    return column.texts().size() < 4;
  });
  EXPECT_EQ(asked, (std::vector<size_t>{0, 1, 2, 4})) << "whenever they have doubled, and then no more";
  EXPECT_TRUE(table.is_stored(table.columns[0]));
  EXPECT_FALSE(table.is_stored(table.columns[1]));
  EXPECT_EQ(table.columns[1].name, "note");
  EXPECT_TRUE(table.columns[1].texts().empty());
  EXPECT_EQ(table.rows(), 6u);
}

TEST(TextTable, MistakesAreNamedWithTheirLine) {
  EXPECT_EQ(table_failure("# by me\nfile,hat\na.png,1\n"),
            "t.csv:1: a comment; expected a header line and rows alone; remove the lines that begin with #");
  EXPECT_EQ(table_failure("file,hat\na.png,1\n# more\n"),
            "t.csv:3: a comment; expected a header line and rows alone; remove the lines that begin with #");
  EXPECT_EQ(flat(text_table("file,hat\n#1.png,1\n")), "file,hat|#1.png,1") << "a name, no comment";
  EXPECT_EQ(flat(text_table("#,file\n1,a.png\n")), "#,file|1,a.png") << "a column that numbers the rows";
  EXPECT_EQ(table_failure("file,hat,hat\na.png,1,0\n"),
            "t.csv:1: two columns are called 'hat'; give each a name of its own");
  EXPECT_EQ(table_failure("file,hat\na.png\n"), "t.csv:2: 1 field; expected 2 as in the header");
  EXPECT_EQ(table_failure(""), "t.csv: the file is empty; expected a header line");
  EXPECT_EQ(table_failure(std::string("f\0i\0", 4)), "t.csv: no text in UTF-8; save it as UTF-8");
  for (const char* latin :
       {"m\xE4nnlich", "caf\xE9", "\xC0\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE2\x82"})
    EXPECT_EQ(table_failure(std::string("file,sex\na.png,") + latin),
              "t.csv: no text in UTF-8; save it as UTF-8");
  const std::string text = "file,sex|a.png,m\xC3\xA4nnlich \xE2\x82\xAC \xF0\x9F\x98\x80";
  EXPECT_EQ(flat(text_table("file,sex\na.png,m\xC3\xA4nnlich \xE2\x82\xAC \xF0\x9F\x98\x80\n")), text);
}

TEST(TextTable, InUtf16HasWholeCharacters) {
  const std::string start = utf16("file\na.png", true);
  EXPECT_EQ(flat(text_table(start + "\xD8\x3D\xDE\1")), "file|a.png\xF0\x9F\x98\x81");
  for (const std::string damaged : {"\xD8\x3D", "\xD8\x3D\1x", "\xDE\1", "\xDE\1\xD8\x3D", "\1"})
    EXPECT_EQ(table_failure(start + damaged), "t.csv: damaged UTF-16; save it as UTF-8");
}

TEST(WordLines, AreSplitAtBlanksAndNumbered) {
  const test::TemporaryFolder folder;
  write_file(folder / "t.txt",
             "\xEF\xBB\xBF"
             "2\n\n a  b \r\nc\t1");
  std::string text;
  for_each_word_line(folder / "t.txt", [&](size_t line, const WordLine& words) {
    text += std::to_string(line) + ":";
    for (const auto word : words) text += " " + std::string(word);
    text += "|";
  });
  EXPECT_EQ(text, "1: 2|3: a b|4: c 1|");
}

}  // namespace
}  // namespace patronus
