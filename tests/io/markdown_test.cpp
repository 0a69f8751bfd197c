#include "patronus/io/markdown.h"

#include <gtest/gtest.h>

namespace patronus {
namespace {

TEST(Markdown, CellsStandBetweenBarsAndTheirOwnAreEscaped) {
  EXPECT_EQ(markdown_line({"a", "", "b c"}), "| a |  | b c |\n");
  EXPECT_EQ(markdown_line({"P(a|b)", "||"}), "| P(a\\|b) | \\|\\| |\n");
}

TEST(Markdown, LineEndsInCellsAreBlanks) {
  EXPECT_EQ(markdown_line({"x\ny", "a\r\nb"}), "| x y | a  b |\n");
}

TEST(Markdown, AHeadHasARuleOfAsManyColumns) {
  EXPECT_EQ(markdown_head({"name", "a|b", "c"}), "| name | a\\|b | c |\n| --- | --- | --- |\n");
}

}  // namespace
}  // namespace patronus
