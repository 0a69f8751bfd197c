#include "patronus/core/text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace patronus {
namespace {

TEST(Text, LowerCaseChangesLettersAlone) {
  EXPECT_EQ(to_lower("IMG_1.JPEG é"), "img_1.jpeg é");
}

TEST(Text, TrimmedLosesBlanksAtItsEndsAlone) {
  EXPECT_EQ(trim(" \ta b\r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
}

TEST(Join, PutsTheSeparatorBetweenAllPartsEvenEmptyOnes) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(join(Words{}), "");
  EXPECT_EQ(join(Words{"a"}), "a");
  EXPECT_EQ(join(Words{"a", "b", "c"}), "a, b, c");
  EXPECT_EQ(join(Words{"", "b", ""}, "-"), "-b-");
  EXPECT_EQ(join_or(Words{}), "");
  EXPECT_EQ(join_or(Words{"a"}), "a");
  EXPECT_EQ(join_or(Words{"a", "b"}), "a or b");
  EXPECT_EQ(join_or(Words{"a", "b", "c"}), "a, b or c");
}

TEST(Split, GivesEveryPartEvenEmptyOnes) {
  using Parts = std::vector<std::string_view>;
  EXPECT_EQ(split("a,bc,d", ','), (Parts{"a", "bc", "d"}));
  EXPECT_EQ(split(",a,,", ','), (Parts{"", "a", "", ""}));
  EXPECT_EQ(split("a;b", ','), (Parts{"a;b"}));
  EXPECT_EQ(split("", ','), (Parts{""}));
}

TEST(FirstLine, EndsBeforeTheFirstLineEnd) {
  EXPECT_EQ(first_line("a b\nc\nd"), "a b");
  EXPECT_EQ(first_line("a b"), "a b");
  EXPECT_EQ(first_line("\na"), "");
}

TEST(ShellQuoted, LeavesPlainWordsAsTheyAre) {
  for (const char* word : {"--run=runs/faces_1", "prototypes.png", "0:3:7", "a,b", "50%", "x+1", "me@host"})
    EXPECT_EQ(shell_quoted(word), word);
}

TEST(ShellQuoted, TakesAwayTheMeaningOfCharacters) {
  EXPECT_EQ(shell_quoted("my run"), "'my run'");
  EXPECT_EQ(shell_quoted("$HOME"), "'$HOME'");
  EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_quoted("é"), "'é'");
  EXPECT_EQ(shell_quoted(""), "''");
}

TEST(ShellLine, QuotesEachWord) {
  const std::vector<std::string> words{"train", "data.where=hat=1 and smile=0"};
  EXPECT_EQ(shell_line(words), "train 'data.where=hat=1 and smile=0'");
}

TEST(Counted, IsPluralButForOne) {
  EXPECT_EQ(pluralize(1, "image"), "1 image");
  EXPECT_EQ(pluralize(3, "test image"), "3 test images");
  EXPECT_EQ(pluralize(0, "image"), "0 images");
}

TEST(Text, BytesThatAreNoCharactersAreReplaced) {
  EXPECT_EQ(valid_utf8("aé→😀"), "aé→😀");
  EXPECT_EQ(valid_utf8("a\xFFz"), "a\uFFFDz");
  EXPECT_EQ(valid_utf8("\xC3"), "\uFFFD");
  for (const char* broken : {"\xC0\x80", "\xC1\xBF"}) EXPECT_EQ(valid_utf8(broken), "\uFFFD\uFFFD") << broken;
  for (const char* none : {"\xE0\x80\x80", "\xED\xA0\x80", "\xEF\xBF\xBE"}) {  // long form, half, reserved
    EXPECT_EQ(valid_utf8(none), "\uFFFD\uFFFD\uFFFD") << none;
  }
  EXPECT_TRUE(is_utf8("aé→😀"));
  for (const char* none : {"a\xFFz", "\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xEF\xBF\xBE"})
    EXPECT_FALSE(is_utf8(none)) << none;
  EXPECT_EQ(utf8_length("→x"), 3u);
  EXPECT_EQ(utf8_length("\xE2\x86"), 1u);
}

TEST(Text, IsCutBetweenCharacters) {
  EXPECT_EQ(cut_to("aé→", 6), "aé→");
  EXPECT_EQ(cut_to("aé→", 5), "aé");
  EXPECT_EQ(cut_to("aé→", 2), "a");
  EXPECT_EQ(cut_to("é", 0), "");
}

TEST(Text, HexadecimalHasAllDigits) {
  EXPECT_EQ(hexadecimal(0x1F), "000000000000001f");
  EXPECT_EQ(hexadecimal(~uint64_t{0}), "ffffffffffffffff");
  EXPECT_EQ(hexadecimal(0xC0FFEE, 8), "00c0ffee");
}

TEST(RateText, HasNoPowersOfTen) {
  EXPECT_EQ(rate_text(0.01234), "0.0123");
  EXPECT_EQ(rate_text(45.64), "45.6");
  EXPECT_EQ(rate_text(1234.4), "1234");
  EXPECT_EQ(rate_text(999.6), "1000");
  EXPECT_EQ(rate_text(999.4), "999");
  EXPECT_EQ(rate_text(0.00003), "0.000030");
  EXPECT_EQ(rate_text(65536), "65536");
}

TEST(Numbers, InTheirShortestFormReadBackAsTheSame) {
  EXPECT_EQ(format_shortest(0.1), "0.1");
  EXPECT_EQ(format_shortest(1e-5), "1e-05");
  EXPECT_EQ(format_shortest(0.0001), "0.0001");
  EXPECT_EQ(format_shortest(-12.5), "-12.5");
  EXPECT_EQ(format_shortest(100000), "100000");
  EXPECT_EQ(format_shortest(1e300), "1e+300");
  for (const double value : {1.0 / 3, 2e-308, 1234567.5, 6.02214076e23})
    EXPECT_EQ(std::strtod(format_shortest(value).c_str(), nullptr), value);
}

TEST(Numbers, HaveAsManyDigitsAsAskedFor) {
  EXPECT_EQ(format_float(0.12345678f), "0.1234568");
  EXPECT_EQ(format_float(3), "3");
  EXPECT_EQ(format_significant(0.061234, 3), "0.0612");
  EXPECT_EQ(format_significant(0.5, 4), "0.5");
  EXPECT_EQ(format_significant(123456, 2), "1.2e+05");
  EXPECT_EQ(format_fixed(2.675, 1), "2.7");
  EXPECT_EQ(format_fixed(-0.04, 1), "-0.0");
  EXPECT_EQ(format_fixed(1e300, 0).size(), 301u);
  EXPECT_EQ(zero_padded(12, 5), "00012");
  EXPECT_EQ(zero_padded(123456, 5), "123456");
}

TEST(Numbers, AreNamedWhereTheyAreNone) {
  EXPECT_EQ(format_float(NAN), "nan");
  EXPECT_EQ(format_fixed(-INFINITY, 2), "-inf");
}

}  // namespace
}  // namespace patronus
