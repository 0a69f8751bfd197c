#include "patronus/core/text.h"

#include <gtest/gtest.h>

namespace patronus {
namespace {

TEST(Text, LowerCaseChangesLettersAlone) {
  EXPECT_EQ(lower_case("IMG_1.JPEG é"), "img_1.jpeg é");
}

TEST(Text, TrimmedLosesBlanksAtItsEndsAlone) {
  EXPECT_EQ(trimmed(" \ta b\r\n"), "a b");
  EXPECT_EQ(trimmed(" \n"), "");
}

TEST(Text, BytesThatAreNoCharactersAreReplaced) {
  EXPECT_EQ(valid_utf8("aé→😀"), "aé→😀");
  EXPECT_EQ(valid_utf8("a\xFFz"), "a\uFFFDz");
  EXPECT_EQ(valid_utf8("\xC3"), "\uFFFD");
  for (const char* broken : {"\xC0\x80", "\xC1\xBF"}) EXPECT_EQ(valid_utf8(broken), "\uFFFD\uFFFD") << broken;
  for (const char* none : {"\xE0\x80\x80", "\xED\xA0\x80", "\xEF\xBF\xBE"}) {  // long form, half, reserved
    EXPECT_EQ(valid_utf8(none), "\uFFFD\uFFFD\uFFFD") << none;
  }
  EXPECT_EQ(utf8_length("→x"), 3u);
  EXPECT_EQ(utf8_length("\xE2\x86"), 1u);
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
  EXPECT_EQ(rate_text(65536), "65536");
}

}  // namespace
}  // namespace patronus
