#include "patronus/run/prototype_names.h"

#include <gtest/gtest.h>

#include "patronus/io/atomic_file.h"
#include "support/failure.h"
#include "support/run_program.h"

namespace patronus {
namespace {

class NamesFile : public testing::Test {
 protected:
  PrototypeNames names(const std::string& text) {
    write_file(file, text);
    return PrototypeNames(file, 32);
  }
  std::string mistake(const std::string& text) {
    const std::string message = test::message_of([&] { names(text); });
    return message.substr(std::min(message.size(), file.string().size()));
  }

  test::TemporaryFolder folder;
  std::filesystem::path file = folder / "names.yaml";
};

TEST_F(NamesFile, NamesPrototypes) {
  const PrototypeNames some = names("12: red hat\n3: Brille – rund\n");
  EXPECT_EQ(some.name(12), "red hat");
  EXPECT_EQ(some.label(12), "12 red hat");
  EXPECT_EQ(some.label(3), "3 Brille – rund");
  EXPECT_EQ(some.label(4), "4");
}

TEST_F(NamesFile, MayBeAbsentOrEmpty) {
  EXPECT_EQ(PrototypeNames(folder / "none.yaml", 32).label(12), "12");
  EXPECT_EQ(names("# nothing yet\n").label(12), "12");
}

TEST_F(NamesFile, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(mistake("1: hat\n32: red hat\n"),
            ":2: there is no prototype '32'; the model has 32, numbered from 0 to 31");
  EXPECT_EQ(mistake("hat: 1\n"), ":1: there is no prototype 'hat'; the model has 32, numbered from 0 to 31");
  EXPECT_EQ(mistake("1: hat\n1: cap\n"), ":2: prototype 1 is named twice");
  EXPECT_EQ(mistake("1: [hat, cap]\n"), ":1: expected a name, as in 1: red hat");
  EXPECT_EQ(mistake("1: ' '\n"), ":1: expected a name, as in 1: red hat");
  EXPECT_EQ(mistake("1: hat\n2: [\n"), ":3: not valid YAML: end of sequence flow not found");
  EXPECT_EQ(mistake(std::string(300'000, '#')), ": larger than 256 KiB; expected names of prototypes");
}

TEST_F(NamesFile, SaysWhichNamesNoOptionCouldTake) {
  EXPECT_EQ(mistake("1: hat\n2: 9\n"),
            ":2: name '9' is a number, which means that prototype; choose another");
  EXPECT_EQ(mistake("1: hat, red\n"), ":1: name 'hat, red' has a comma, which divides names; choose another");
  for (const std::string word : {"All", "example"}) {
    EXPECT_EQ(mistake("1: " + word + "\n"),
              ":1: name '" + word + "' is a word of the options that take names; choose another");
  }
  EXPECT_EQ(mistake("1: hat\n2: hat\n3: Hat\n"),
            ":3: name 'Hat' is that of prototype 1 in another case; write both as 'hat', or choose another");
}

TEST_F(NamesFile, FindsNamesInAnyCaseAndWithBlanksAround) {
  const PrototypeNames some = names("12: Red hat\n3: ' nose '\n");
  EXPECT_EQ(some.prototypes_named(" red Hat "), std::vector<int64_t>{12});
  EXPECT_EQ(some.prototypes_named("NOSE"), std::vector<int64_t>{3});
  EXPECT_EQ(some.label(3), "3 nose");
  EXPECT_TRUE(some.prototypes_named("redhat").empty());
}

}  // namespace
}  // namespace patronus
