#include "data/table_images.h"

#include <gtest/gtest.h>

#include "patronus/io/atomic_file.h"
#include "support/failure.h"
#include "support/run_program.h"

namespace patronus {
namespace {

using Names = std::vector<std::string>;

const std::string kAlready = " already; expected it once; remove one of the two lines";

/// A table with these lines, t.csv.
TextTable lines_as_table(const std::string& text) {
  const test::TemporaryFolder folder;
  write_file(folder / "t.csv", text);
  TextTable table = read_text_table(folder / "t.csv");
  table.path = "t.csv";
  return table;
}

TEST(ImageTable, KeepsNoTextsOfColumnsThatAreLeftOut) {
  const test::TemporaryFolder folder;
  std::string text = "File,report,size,age,Partition,hat,Bildname\n";
  for (int i = 0; i < 300; ++i) {
    const std::string number = std::to_string(i);
    text += number + ".png,It is " + number + "," + number + ".5," + std::to_string(i % 90) + ",s" + number +
            "," + (i % 2 ? "1." + std::string(static_cast<size_t>(i % 280), '0') : "0") + "," + number +
            ".jpg\n";
  }
  write_file(folder / "t.csv", text);
  const auto kept = [&](const WantedColumns& wanted) {
    const TextTable table = read_image_table(folder / "t.csv", wanted);
    Names names;
    for (const auto& column : table.columns) {
      if (table.is_stored(column)) names.push_back(column.name);
    }
    return names;
  };
  EXPECT_EQ(kept({}), (Names{"File", "age", "Partition", "hat", "Bildname"}))
      << "many words for yes are no many values";
  EXPECT_EQ(kept({.attributes = {"report"}, .mentioned = {"size"}}),
            (Names{"File", "report", "size", "age", "Partition", "hat", "Bildname"}));
}

FolderScan scan_of(const Names& images) {
  FolderScan scan;
  scan.images = images;
  return scan;
}

/// The images that the first column of a table finds among those of a folder.
Names found(const std::string& text, const Names& images) {
  const TextTable table = lines_as_table(text);
  FolderScan scan = scan_of(images);
  return find_table_images(table, table.columns[0], "/absent", scan, false).names;
}

std::string finding_failure(const std::string& text, const Names& images) {
  return test::message_of([&] { found(text, images); });
}

TEST(TableRoles, AreToldByTheUsualNames) {
  for (const char* header : {"file,split,hat", "hat,Filename,Split", "partition,image_id,hat",
                             "Path,hat,SPLIT", "img,split,hat", "Image Index,hat,split"}) {
    const TextTable table = lines_as_table(std::string(header) + "\n");
    const TableRoles roles = table_roles(table);
    ASSERT_TRUE(roles.split.has_value()) << header;
    ASSERT_EQ(roles.attributes.size(), 1u) << header;
    EXPECT_EQ(table.columns[roles.attributes[0]].name, "hat") << header;
  }
  EXPECT_EQ(table_roles(lines_as_table("file,hat\n")).remark, "");
  const TableRoles plain = table_roles(lines_as_table("image,file,hat\n"));
  EXPECT_EQ(plain.file, 1u) << "the plainer name";
  EXPECT_EQ(plain.remark, "files are named by file, not image");
  EXPECT_EQ(
      test::message_of([] { table_roles(lines_as_table("name,split\n")); }),
      "t.csv:1: no column of file names; expected one called file, filename, image, image_id or path; found "
      "name, split");
  EXPECT_TRUE(test::message_of([] {
                table_roles(lines_as_table("hut,Bildname\n1,a.png\n"));
              }).ends_with("found hut, Bildname; rename Bildname, which names images, to file"));
}

TEST(TableImages, AreFoundByPathByNameAndWithoutEnding) {
  const Names images{"a.png", "img/b.png", "img/c.jpg"};
  EXPECT_EQ(found("file\nimg/b.png\na.png\n", images), (Names{"img/b.png", "a.png"}));
  EXPECT_EQ(found("file\nb.png\nc\n./a.png\n", images), (Names{"img/b.png", "img/c.jpg", "a.png"}));
  EXPECT_EQ(found("file\nimg\\b.png\n", images), Names{"img/b.png"});
  EXPECT_EQ(found("file\ndata/set/img/b.png\n", images), Names{"img/b.png"}) << "more folders in front";
}

TEST(TableImages, OfPatientsWhoseFilesHaveTheSameNamesAreFoundByTheirFolders) {
  const Names images{"images/p0/0.png", "images/p9/0.png", "images/p9/1.png"};
  EXPECT_EQ(found("file\np0/0.png\np9/0.png\n", images), (Names{"images/p0/0.png", "images/p9/0.png"}));
  EXPECT_EQ(found("file\n/mnt/old/images/p9/0.png\np9/1\n", images),
            (Names{"images/p9/0.png", "images/p9/1.png"}));
  const auto says_several = [](const std::string& cell, const Names& several) {
    return finding_failure("file\n" + cell + "\n", several).find(cell + " is in /absent more than once") !=
           std::string::npos;
  };
  EXPECT_TRUE(says_several("0.png", images));
  EXPECT_EQ(found("file\np9/0.png\n", {"0.png", "images/p9/0.png"}), Names{"images/p9/0.png"});
  EXPECT_TRUE(says_several("p2/0.png", {"0.png", "p1/0.png"}));
  EXPECT_EQ(found("file\n0.png\n", {"0.png", "p1/0.png"}), Names{"0.png"}) << "the whole path of one";
}

TEST(TableImages, OfAnotherFolderAreNotTakenForTheRightOnes) {
  const std::string expected =
      "t.csv:2: test/b.png is not in /absent; expected every listed file there; correct the "
      "line, or the folder with --data FOLDER, or leave such lines out with "
      "data.skip_unreadable=true";
  EXPECT_EQ(finding_failure("file\ntest/b.png\n", {"train/b.png"}), expected);
  EXPECT_EQ(finding_failure("file\ntest/b.png\n", {"b.png", "test/a.png"}), expected)
      << "the folder is there, and the image is not in it";
  EXPECT_EQ(finding_failure("file\ntest/b.png\n", {"b.png", "old/test/a.png"}), expected);
  EXPECT_EQ(found("file\ntest/b.png\n", {"b.png", "train/a.png"}), Names{"b.png"});
  EXPECT_EQ(finding_failure("file\nb.png\n", {"test/b.png", "train/b.png"}),
            "t.csv:2: b.png is in /absent more than once, as test/b.png and train/b.png; give its folder in "
            "the table");
}

TEST(TableImages, NamedTwiceAreRefusedWithBothLines) {
  EXPECT_EQ(finding_failure("file,split\na.png,train\nb.png,train\na.png,test\n", {"a.png", "b.png"}),
            "t.csv:4: a.png was named in line 2" + kAlready);
  EXPECT_EQ(finding_failure("file\na.png\na\n", {"a.png"}), "t.csv:3: a was named in line 2" + kAlready);
}

TEST(TableImages, ThatTheScanPassesOverHaveOneNameHoweverTheyAreCalled) {
  const test::TemporaryFolder folder;
  std::filesystem::create_directory(folder / "data");
  write_file(folder / "data/.a.png", "x");
  write_file(folder / "b.png", "x");
  const auto names = [&](const std::string& text) {
    const TextTable table = lines_as_table(text);
    FolderScan scan;
    return find_table_images(table, table.columns[0], folder / "data", scan, false).names;
  };
  EXPECT_EQ(names("file\n./.a.png\n" + (folder / "b.png").string() + "\n"), (Names{".a.png", "../b.png"}));
  EXPECT_EQ(test::message_of([&] { names("file\n.a.png\n./.a.png\n"); }),
            "t.csv:3: ./.a.png was named in line 2" + kAlready);
  EXPECT_EQ(test::message_of([&] { names("file\n../b.png\n./../b.png\n"); }),
            "t.csv:3: ./../b.png was named in line 2" + kAlready);
}

TEST(TableImages, UnlistedAndMissingOnesAreCounted) {
  const TextTable table = lines_as_table("file\na.png\nx.png\ny.png\n");
  FolderScan scan = scan_of({"a.png", "b.png", "sub/c.png"});
  const TableImages images =
      find_table_images(table, table.columns[0], "/absent", scan, /*skip_missing=*/true);
  EXPECT_EQ(images.names, Names{"a.png"});
  EXPECT_EQ(images.rows, std::vector<int64_t>{0});
  ASSERT_EQ(scan.left_out.size(), 2u);
  EXPECT_EQ(scan.left_out[0].what, "images that t.csv names and that are not there");
  EXPECT_EQ(scan.left_out[0].examples, (Names{"x.png", "y.png"}));
  EXPECT_EQ(scan.left_out[1].what, "images that t.csv does not name");
  EXPECT_EQ(scan.left_out[1].examples, (Names{"b.png", "sub/c.png"}));
}

TEST(TableSplits, AreWordsOrCelebasNumbers) {
  const auto splits = [](const std::string& text) {
    const TextTable table = lines_as_table("file,split\n" + text);
    return splits_of_column(table, table.columns[1]);
  };
  EXPECT_EQ(splits("a,Train\nb,validation\nc,TEST\n"),
            (GivenSplits{Split::kTrain, Split::kValidation, Split::kTest}));
  EXPECT_EQ(splits("a,0\nb,1\nc,2\n"), (GivenSplits{Split::kTrain, Split::kValidation, Split::kTest}));
  EXPECT_EQ(test::message_of([&] { splits("a,train\n\nb,tset\n"); }),
            "t.csv:4: split 'tset'; expected train, val or test; did you mean test?");
  EXPECT_EQ(test::message_of([&] { splits("a,\n"); }), "t.csv:2: split ''; expected train, val or test");
}

}  // namespace
}  // namespace patronus
