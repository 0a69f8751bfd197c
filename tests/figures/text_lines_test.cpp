#include "figures/text_lines.h"

#include <gtest/gtest.h>

#include "figures/plot_style.h"

namespace patronus {
namespace {

using Lines = std::vector<std::string>;

TEST(TextLines, AreBrokenBehindBlanksUnderscoresAndFolders) {
  EXPECT_EQ(wrap_text("short", 12, 100), Lines{"short"});
  EXPECT_EQ(wrap_text("two\nlines", 12, 100), (Lines{"two", "lines"}));
  EXPECT_EQ(wrap_text("prototype 12 no long hair", 12, 100), (Lines{"prototype 12 no", "long hair"}));
  EXPECT_EQ(wrap_text("enlarged_cardiomediastinum", 12, 120), (Lines{"enlarged_", "cardiomediastinum"}));
  EXPECT_EQ(wrap_text("a/b/c.png", 12, 100), Lines{"a/b/c.png"});
  EXPECT_EQ(wrap_text("a_folder/view_1.png", 12, 100), (Lines{"a_folder/", "view_1.png"}));
}

TEST(TextLines, OfALongPathAreItsLastFolders) {
  EXPECT_EQ(wrap_text("CheXpert/train/patient64540/study1/view1_frontal.jpg", 12, 110),
            (Lines{"…/patient64540/", "study1/", "view1_frontal.jpg"}));
}

TEST(TextLines, OfALongTextLackItsMiddle) {
  const auto lines = wrap_text("one thing, another thing, a third thing, and still more things", 12, 80);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], "one thing,");
  EXPECT_NE(lines[2].find("…"), std::string::npos);
  EXPECT_EQ(lines[2].substr(lines[2].size() - 5), "hings") << lines[2];
}

TEST(TextLines, OfATitleAreAll) {
  EXPECT_EQ(title_lines("one two three four five", 60), (Lines{"one", "two", "three", "four", "five"}));
  EXPECT_TRUE(title_lines("", 60).empty());
}

TEST(TextLines, NamesHaveTheRoomThatTellsThemApart) {
  const Lines apart{"hat", "a very long name of an attribute"};
  EXPECT_EQ(names_width({"hat"}, 12, 90), text_width("hat", 12));
  EXPECT_EQ(names_width(apart, 12, 90), 90);
  const Lines alike{"a very long name of one attribute", "a very long name of an attribute"};
  EXPECT_EQ(names_width(alike, 12, 90), widest_text(alike, 12));
}

TEST(TextLines, LieWithinTheFigure) {
  EXPECT_EQ(center_within(50, 40, 200), 50);
  EXPECT_EQ(center_within(10, 40, 200), 20 + kGap);
  EXPECT_EQ(center_within(195, 40, 200), 180 - kGap);
}

}  // namespace
}  // namespace patronus
