#include "patronus/core/config.h"

#include <gtest/gtest.h>

#include "patronus/core/error.h"
#include "support/failure.h"
#include "support/run_program.h"

namespace patronus {
namespace {

enum class Colour { kRed, kDarkBlue };
std::vector<std::string> enum_names(Colour) {
  return {"red", "dark-blue"};
}

struct Painting {
  Colour main = Colour::kRed;
  std::vector<Colour> all{Colour::kRed, Colour::kDarkBlue};
  void describe(Fields& field) {
    field("main", main, "of most of it");
    field("all", all, "that it has");
  }
};

struct Inner {
  int64_t count = 100;
  std::vector<int64_t> channels{32, 64};
  void describe(Fields& field) {
    field("count", count, "number of things", between(1, 4096));
    field("channels", channels, "channels a layer", between(1, 512));
  }
};

struct Outer {
  double rate = 1e-5;
  std::string kind = "faces";
  std::string path;
  bool flip = false;
  std::vector<std::string> names;
  Inner inner;
  void describe(Fields& field) {
    field("rate", rate, "learning rate", above(0));
    field("kind", kind, "format");
    field("path", path, "folder");
    field("flip", flip, "mirror");
    field("names", names, "names");
    field.section("inner", inner);
  }
};

std::string error_of_yaml(const std::string& text) {
  Outer config;
  try {
    read_yaml_text(Fields(config), text, "a.yaml");
  } catch (const ConfigError& e) {
    return e.what();
  }
  return "no error";
}

std::string error_of_word(const std::string& word) {
  Outer config;
  try {
    apply_override(Fields(config), word);
  } catch (const ConfigError& e) {
    return e.what();
  }
  return "no error";
}

TEST(Config, ReadsNestedKeysAndKeepsDefaultsOfAbsentOnes) {
  Outer config;
  read_yaml_text(Fields(config), "rate: 1e-3\nflip: true\ninner:\n  count: 1e2\n  channels: [8, 16, 32]\n",
                 "a.yaml");
  EXPECT_DOUBLE_EQ(config.rate, 1e-3);
  EXPECT_TRUE(config.flip);
  EXPECT_EQ(config.inner.count, 100);
  EXPECT_EQ(config.inner.channels, (std::vector<int64_t>{8, 16, 32}));
  EXPECT_EQ(config.kind, "faces");
}

TEST(Config, IsOneDocument) {
  EXPECT_EQ(error_of_yaml("rate: 3\n---\nrate: 4\n"),
            "a.yaml:3: a second document; expected a configuration in one");
  EXPECT_EQ(error_of_yaml("---\nrate: 5\n---\n"), "no error");
}

TEST(Config, NamesFileAndLineOfEveryMistake) {
  EXPECT_EQ(error_of_yaml("rate: 1\ninner:\n  cuont: 3\n"),
            "a.yaml:3: unknown key inner.cuont; did you mean inner.count?");
  EXPECT_EQ(error_of_yaml("iner:\n  count: 3\n"), "a.yaml:1: unknown key iner; did you mean inner?");
  EXPECT_EQ(error_of_yaml("count: 3\n"), "a.yaml:1: unknown key count; did you mean inner.count?");
  EXPECT_EQ(error_of_yaml("rate: fast\n"), "a.yaml:1: rate must be a number, got 'fast'");
  EXPECT_EQ(error_of_yaml("inner:\n  count: 2.5\n"), "a.yaml:2: inner.count must be an integer, got '2.5'");
  EXPECT_EQ(error_of_yaml("inner:\n  count: 0\n"), "a.yaml:2: inner.count must be 1 to 4096, got 0");
  EXPECT_EQ(error_of_yaml("inner:\n  channels: [8, 0]\n"),
            "a.yaml:2: inner.channels must be 1 to 512, got [8, 0]");
  EXPECT_EQ(error_of_yaml("inner:\n  channels: 8\n"),
            "a.yaml:2: inner.channels must be a list of integers, as [8], got '8'");
  EXPECT_EQ(error_of_yaml("rate: .nan\n"), "a.yaml:1: rate must be above 0, got nan");
  EXPECT_EQ(error_of_yaml("rate:\n"), "a.yaml:1: rate must be a number, got nothing");
  EXPECT_EQ(error_of_yaml("rate: 1\nrate: 2\n"), "a.yaml:2: key rate appears twice");
  EXPECT_EQ(error_of_yaml("inner.count: 1\ninner:\n  count: 2\n"), "a.yaml:3: key inner.count appears twice");
  EXPECT_EQ(error_of_yaml("inner: 3\n"), "a.yaml:1: inner is a section: expected keys below it");
  EXPECT_EQ(error_of_yaml(std::string(300'000, '#')),
            "a.yaml: larger than 256 KiB; expected a configuration");
  EXPECT_EQ(error_of_yaml("- 1\n"), "a.yaml: expected `key: value` lines");
  EXPECT_EQ(error_of_yaml("rate: [1\n").substr(0, 8), "a.yaml:2");
}

TEST(Config, KnowsWhatAKeyWithoutItsSectionStandsFor) {
  struct Section {
    double learning_rate = 1, learning_rate_factor = 1;
    void describe(Fields& field) {
      field("learning_rate_factor", learning_rate_factor, "factor");
      field("learning_rate", learning_rate, "rate");
    }
  };
  struct Sections {
    Section first, second;
    void describe(Fields& field) {
      field.section("first", first);
      field.section("second", second);
    }
  } config;
  const auto meant = [&](const std::string& name) { return join(suggest_keys(Fields(config), name)); };
  EXPECT_EQ(meant("lr"), "first.learning_rate, second.learning_rate");
  EXPECT_EQ(meant("lrf"), "first.learning_rate_factor, second.learning_rate_factor");
  EXPECT_EQ(meant("learning_rate"), "first.learning_rate, second.learning_rate") << "which others begin with";
  EXPECT_EQ(meant("learning"), "") << "four, of which none is likelier";
  EXPECT_EQ(meant("secnd.learning_rate"), "second.learning_rate");
  EXPECT_EQ(meant("second.lr"), "second.learning_rate");
  EXPECT_EQ(meant("my_learning_rate"), "first.learning_rate, second.learning_rate");
  EXPECT_EQ(meant("other.lr"), "");
  EXPECT_EQ(meant("colour"), "");
  EXPECT_EQ(meant("l"), "");
}

TEST(Config, NamesTheKeyOfAMistakenOverride) {
  EXPECT_EQ(error_of_word("inner.cuont=3"), "unknown key inner.cuont; did you mean inner.count?");
  EXPECT_EQ(error_of_word("nothing.like.it=3"), "unknown key nothing.like.it");
  EXPECT_EQ(error_of_word("inner=3"), "inner is a section: expected one of inner.count, inner.channels");
  EXPECT_EQ(error_of_word("inner.count = 3"),
            "'inner.count = 3': expected key=value without blanks around =");
  EXPECT_EQ(error_of_word("count=3"), "unknown key count; did you mean inner.count?");
  EXPECT_EQ(
      error_of_word("inner.count"),
      "'inner.count': expected key=value, for example training.learning_rate=1e-4, or an option before it, "
      "as --run or --data");
  EXPECT_EQ(error_of_word("inner.count=many"), "inner.count must be an integer, got 'many'");
}

TEST(Config, WhatIsWrittenReadsBackTheSame) {
  Outer config;
  config.rate = 0.1 + 0.2;
  config.path = "a: b, #'c' [d]";
  config.inner.channels = {};
  config.names = {"Smiling", "a, b", "true", "5_o'clock"};
  const std::string text = write_yaml(Fields(config));
  Outer again;
  read_yaml_text(Fields(again), text, "a.yaml");
  EXPECT_TRUE(differing_keys(Fields(config), Fields(again)).empty()) << text;
  EXPECT_EQ(again.rate, config.rate);
  EXPECT_EQ(again.path, config.path);
  EXPECT_EQ(again.names, config.names);
}

class TextInYaml : public testing::TestWithParam<std::string> {};

TEST_P(TextInYaml, ReadsBackAsItWas) {
  Outer config, again;
  config.path = GetParam();
  config.names = {GetParam(), "between", GetParam()};
  const std::string text = write_yaml(Fields(config));
  read_yaml_text(Fields(again), text, "a.yaml");
  EXPECT_EQ(again.path, config.path) << text;
  EXPECT_EQ(again.names, config.names) << text;
  apply_override(Fields(again), "path=" + GetParam());
  EXPECT_EQ(again.path, config.path) << "a word of the command line is taken as it is typed";
}

INSTANTIATE_TEST_SUITE_P(Awkward, TextInYaml,
                         testing::Values("", " ", " a ", "~", "null", "Null", "NULL", "true", "0x10", "1e3",
                                         "- a", "? a", "a: b", "a #b", "#a", "[a", "a]", "{a", "*a", "&a",
                                         "!a", "|", ">", "%a", "@a", "`a", "'", "''", "it's", "\"a\"", "a\\b",
                                         "...", "---", "a,b", "a\tb", "\t", "a\nb", "a\n\nb\n", "\"a\\\n",
                                         "\r\n", "\x01", "\x7F", "é→😀"));

TEST(Config, OfAFolderIsNone) {
  const test::TemporaryFolder folder;
  Outer config;
  EXPECT_EQ(test::message_of([&] { read_yaml_file(Fields(config), folder.path()); }),
            folder.path().string() + ": cannot be opened");
  EXPECT_EQ(test::message_of([&] { read_yaml_file(Fields(config), folder / "none.yaml"); }),
            (folder / "none.yaml").string() + ": cannot be opened");
}

struct Bounded {
  int64_t three = 3, at_least_two = 2;
  double above_one = 1.5, half = 0.5, any = 0;
  void describe(Fields& field) {
    field("three", three, "", one_of_numbers({0, 1, 3}));
    field("at_least_two", at_least_two, "", at_least(2));
    field("above_one", above_one, "", above(1));
    field("half", half, "", between(0.25, 0.75));
    field("any", any, "");
  }
};

TEST(Range, HoldsAtItsEndsAndIsNamedWhereItDoesNot) {
  const auto complaint = [](const std::string& word) {
    Bounded config;
    return test::message_of([&] { apply_override(Fields(config), word); });
  };
  for (const char* word : {"three=0", "three=3", "at_least_two=2", "above_one=1.0000001", "half=0.25",
                           "half=0.75", "any=-1e300"})
    EXPECT_EQ(complaint(word), "no error") << word;
  EXPECT_EQ(complaint("three=2"), "three must be 0 | 1 | 3, got 2");
  EXPECT_EQ(complaint("at_least_two=1"), "at_least_two must be at least 2, got 1");
  EXPECT_EQ(complaint("above_one=1"), "above_one must be above 1, got 1");
  EXPECT_EQ(complaint("half=0.7500001"), "half must be 0.25 to 0.75, got 0.7500001");
  EXPECT_EQ(complaint("any=.inf"), "any must be finite, got inf") << "also where there is no range";
}

TEST(Config, OverridesTakeTextThatIsNoYaml) {
  Outer config;
  apply_override(Fields(config), "path=/data/{x");
  EXPECT_EQ(config.path, "/data/{x");
  apply_override(Fields(config), "path=");
  EXPECT_EQ(config.path, "");
  apply_override(Fields(config), "names=[Smiling, Male]");
  EXPECT_EQ(config.names, (std::vector<std::string>{"Smiling", "Male"}));
  EXPECT_EQ(error_of_word("names=Smiling"), "names must be a list of texts, as [Smiling], got 'Smiling'");
}

TEST(Config, EnumerationsHaveTheirNames) {
  Painting painting;
  const Fields fields(painting);
  EXPECT_EQ(write_yaml(fields), "main: red\nall: [red, dark-blue]\n");
  read_yaml_text(fields, "main: dark-blue\nall: [dark-blue]\n", "a.yaml");
  EXPECT_EQ(painting.main, Colour::kDarkBlue);
  EXPECT_EQ(painting.all, std::vector{Colour::kDarkBlue});
  apply_override(fields, "main=red");
  EXPECT_EQ(painting.main, Colour::kRed);
}

TEST(Config, OtherNamesOfEnumerationsAreRefused) {
  Painting painting;
  const Fields fields(painting);
  const auto error_of = [&](const std::string& word) -> std::string {
    try {
      apply_override(fields, word);
    } catch (const ConfigError& e) {
      return e.what();
    }
    return "no error";
  };
  EXPECT_EQ(error_of("main=green"), "main must be red | dark-blue, got green");
  EXPECT_EQ(error_of("main=Dark-Blue"),
            "main must be red | dark-blue, got Dark-Blue; did you mean dark-blue?");
  EXPECT_EQ(error_of("main="), "main must be red | dark-blue, got ''");
  EXPECT_EQ(error_of("all=[red, green]"), "all must be red | dark-blue, got [red, green]");
  EXPECT_EQ(error_of("all=red"), "all must be a list of texts, as [red], got 'red'");
  EXPECT_EQ(test::message_of([&] { read_yaml_text(fields, "main: rde\n", "a.yaml"); }),
            "a.yaml:1: main must be red | dark-blue, got rde; did you mean red?");
  EXPECT_EQ(painting.main, Colour::kRed);
  EXPECT_EQ(painting.all.size(), 2u);
}

TEST(NamedEnum, ItsNamesAreItsValuesAndNoOthers) {
  for (const Colour colour : {Colour::kRed, Colour::kDarkBlue})
    EXPECT_EQ(parse_enum<Colour>(to_string(colour), "colour"), colour);
  EXPECT_EQ(test::message_of([] { parse_enum<Colour>("Red", "colour"); }),
            "colour 'Red': expected red or dark-blue; did you mean red?");
}

TEST(Config, NamesDifferingKeys) {
  Outer a, b;
  b.inner.count = 7;
  b.flip = true;
  EXPECT_EQ(differing_keys(Fields(a), Fields(b)), (std::vector<std::string>{"flip", "inner.count"}));
}

struct Wide {
  int64_t number = 0;
  void describe(Fields& field) { field("number", number, "any", at_least(0)); }
};

TEST(Config, IntegersAreExact) {
  const auto read = [](const std::string& text) {
    Wide config;
    apply_override(Fields(config), "number=" + text);
    return config.number;
  };
  EXPECT_EQ(read("9007199254740993"), 9007199254740993);  // 2^53 + 1
  EXPECT_EQ(read("9223372036854775807"), 9223372036854775807);
  EXPECT_EQ(read("010"), 10);
  EXPECT_EQ(read("1e5"), 100000);
  for (const char* text : {"1e19", "1e300", ".inf", ".nan", "9223372036854775808"}) {
    EXPECT_THROW(read(text), ConfigError) << text;
  }
}

}  // namespace
}  // namespace patronus
