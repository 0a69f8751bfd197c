#include "figures/legend.h"

#include <gtest/gtest.h>

#include "figures/plot_style.h"

namespace patronus {
namespace {

TEST(Legend, StandsWhereNoCurveIs) {
  const Rect area{0, 0, 400, 300};
  Curve curve{.name = "a",
              .style = {},
              .polylines = {{{0, 0}, {400, 300}}}};  // from the upper left to the lower right
  const Legend legend = make_legend({curve}, "", 200, 300);
  EXPECT_EQ(find_legend_position(legend, area, {curve})->y, 8) << "the upper right corner is free";
  EXPECT_GT(find_legend_position(legend, area, {curve})->x, 200);
  curve.polylines.push_back({{0, 0}, {395, 5}, {395, 295}});
  EXPECT_LT(find_legend_position(legend, area, {curve})->x, 200) << "only the lower left corner is free";
  EXPECT_GT(find_legend_position(legend, area, {curve})->y, 200);
  for (double y = 0; y < 300; y += 10) curve.polylines.push_back({{0, y}, {400, y}});
  EXPECT_FALSE(find_legend_position(legend, area, {curve}).has_value());
}

TEST(Legend, LongNameOfAPrototypeKeepsItsNumberAndBeginning) {
  const Curve curve{.name = "prototype 18 no blue background at all", .style = {}, .polylines = {}};
  const Legend legend = make_legend({curve}, "", 160, 300);
  EXPECT_TRUE(legend.entries[0].name.starts_with("prototype 18")) << legend.entries[0].name;
  EXPECT_TRUE(legend.entries[0].name.ends_with("…")) << legend.entries[0].name;
  EXPECT_LE(legend.width, 160);
}

TEST(Legend, NamesThatDoNotFitBecomeANumber) {
  std::vector<Curve> curves;
  for (int i = 0; i < 30; ++i)
    curves.push_back({.name = "prototype " + std::to_string(i), .style = {}, .polylines = {}});
  curves.push_back({.name = "", .style = {}, .polylines = {}});
  const Legend legend = make_legend(curves, "95 %", 200, 10 * line_height(kSmallSize));
  ASSERT_EQ(legend.entries.size(), 9u);
  EXPECT_EQ(legend.entries[7].name, "and 23 more");
  EXPECT_EQ(legend.entries[8].name, "95 %");
  EXPECT_LE(legend.height, 10 * line_height(kSmallSize));
  EXPECT_TRUE(make_legend({}, "", 200, 200).entries.empty());
}

}  // namespace
}  // namespace patronus
