#include "patronus/figures/canvas.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <array>

namespace patronus {
namespace {

/// The smallest rectangle that holds everything that is not white.
Rect ink_of(const Canvas& canvas) {
  const auto dark = (canvas.pixels() != 255).any(0);
  const auto columns = dark.any(0).nonzero();
  const auto rows = dark.any(1).nonzero();
  if (columns.numel() == 0) return {};
  const int64_t left = columns.min().item<int64_t>();
  const int64_t top = rows.min().item<int64_t>();
  return {left, top, columns.max().item<int64_t>() - left + 1, rows.max().item<int64_t>() - top + 1};
}

int gray_at(const Canvas& canvas, int64_t x, int64_t y) {
  return canvas.pixels()[0][y][x].item<int>();
}

/// Whether ink of `length` pixels is what a text of `measured` pixels leaves: letters end within pixels, the
/// last of which may be too faint to show.
bool is_as_measured(int64_t length, int64_t measured) {
  return length == measured || length == measured - 1;
}

TEST(Canvas, FillsPolygonsThroughWhichOthersAreSeen) {
  Canvas canvas(20, 10);
  const std::array<Point, 4> left{Point{0, 0}, {12, 0}, {12, 10}, {0, 10}};
  const std::array<Point, 4> right{Point{8, 0}, {20, 0}, {20, 10}, {8, 10}};
  canvas.fill_polygon(left, {255, 0, 0});
  canvas.fill_polygon(right, {0, 0, 255}, 0.5);
  const auto pixels = canvas.pixels();
  const auto is = [&](int64_t x, const std::vector<int64_t>& rgb) {
    return (pixels.select(2, x).select(1, 5).to(at::kLong) - at::tensor(rgb)).abs().max().item<int64_t>() <=
           1;
  };
  EXPECT_TRUE(is(3, {255, 0, 0}));
  EXPECT_TRUE(is(10, {128, 0, 128})) << "half of either";
  EXPECT_TRUE(is(16, {128, 128, 255})) << "half of white";
}

TEST(Canvas, MeasuredTextWidthIsTheDrawnOne) {
  for (const std::string text :
       {"step", "Training loss", "10⁻³", "Ärger λ=0.5", "j|W", "a  b ", "another image's activations"}) {
    for (const double size : {11.0, 13.0, 14.5, 30.0}) {
      Canvas level(500, 60);
      level.draw_text(text, {20, 30}, {.size = size});
      EXPECT_EQ(ink_of(level).x, 20) << text << " " << size;
      EXPECT_TRUE(is_as_measured(ink_of(level).width, text_width(text, size))) << text << " " << size;
      Canvas upright(60, 500);
      upright.draw_text(text, {30, 480}, {.size = size, .upwards = true});
      EXPECT_EQ(ink_of(upright).y + ink_of(upright).height, 480) << text << " " << size;
      EXPECT_TRUE(is_as_measured(ink_of(upright).height, text_width(text, size))) << text << " " << size;
    }
  }
}

TEST(Canvas, TextLiesWhereItsAlignmentSays) {
  const int64_t width = text_width("HELLO", 20);
  for (const auto& [align, start] :
       {std::pair{Align::kStart, 100.0}, std::pair{Align::kEnd, 100.0 - static_cast<double>(width)},
        std::pair{Align::kCenter, 100.0 - static_cast<double>(width) / 2}}) {
    Canvas canvas(200, 60);
    canvas.draw_text("HELLO", {100, 30}, {.size = 20, .align = align});
    EXPECT_NEAR(static_cast<double>(ink_of(canvas).x), start, 0.5);
    const Rect ink = ink_of(canvas);
    EXPECT_NEAR(static_cast<double>(ink.y) + static_cast<double>(ink.height) / 2, 30, 1)
        << "capitals are centred";
  }
}

TEST(Canvas, UpwardsTextIsTheLevelOneTurned) {
  Canvas level(80, 80);
  Canvas upright(80, 80);
  level.draw_text("loss", {10, 40}, {.size = 16});
  upright.draw_text("loss", {40, 70}, {.size = 16, .upwards = true});
  // Edges are smoothed along rows, so that pixels on them differ a little.
  const auto difference =
      at::rot90(level.pixels(), 1, {1, 2}).to(at::kFloat) - upright.pixels().to(at::kFloat);
  EXPECT_LT(difference.abs().max().item<float>(), 32);
}

TEST(Canvas, TextIsReadAsUtf8AndBrokenBytesShow) {
  EXPECT_EQ(text_width("\xC3\xA9", 20), text_width("é", 20));
  EXPECT_LT(text_width("é", 20), text_width("ee", 20));
  EXPECT_EQ(text_width("\xFF", 20), text_width("\uFFFD", 20));
  EXPECT_EQ(text_width("\xC3", 20), text_width("\uFFFD", 20));
  EXPECT_EQ(text_width("", 20), 0);
  Canvas canvas(60, 40);
  canvas.draw_text("\xFF", {20, 20}, {.size = 20});
  EXPECT_GT(ink_of(canvas).width, 10);
}

TEST(Canvas, LongTextKeepsItsEndsAroundAnEllipsis) {
  EXPECT_EQ(fit_text("short", 12, 200), "short");
  const std::string fitted = fit_text("prototype ärger and more", 12, 90);
  EXPECT_TRUE(fitted.starts_with("proto")) << fitted;
  EXPECT_TRUE(fitted.ends_with("more")) << fitted;
  EXPECT_NE(fitted.find("…"), std::string::npos) << fitted;
  for (int64_t width = 12; width < 200; ++width) {
    EXPECT_LE(text_width(fit_text("prototype ärger and more", 12, width), 12), width);
  }
  EXPECT_EQ(fit_text("ab", 12, 1), "…");
  const std::string begun = fit_text("prototype ärger and more", 12, 90, Cut::kEnd);
  EXPECT_TRUE(begun.starts_with("prototype") && begun.ends_with("…")) << begun;
  EXPECT_LE(text_width(begun, 12), 90);
}

TEST(Canvas, RectanglesAreExactAndClipped) {
  Canvas canvas(10, 8);
  canvas.fill_rect({2, 3, 4, 2}, {0, 0, 0});
  const Rect ink = ink_of(canvas);
  EXPECT_EQ((std::array{ink.x, ink.y, ink.width, ink.height}), (std::array<int64_t, 4>{2, 3, 4, 2}));
  EXPECT_EQ((canvas.pixels()[1] == 0).sum().item<int>(), 8);
  canvas.fill_rect({-5, -5, 100, 100}, {0, 0, 0});
  EXPECT_EQ(canvas.pixels().sum().item<int>(), 0);
  Canvas outlined(10, 8);
  outlined.outline_rect({1, 1, 8, 6}, {0, 0, 0});
  EXPECT_EQ((outlined.pixels()[1] == 0).sum().item<int>(), 2 * 8 + 2 * 4);
}

TEST(Canvas, LinesHaveTheirWidthAndSoftEdges) {
  Canvas canvas(40, 20);
  canvas.draw_line(std::array{Point{5, 10}, Point{35, 10}}, {{0, 0, 0}, 3});
  EXPECT_EQ(gray_at(canvas, 20, 9), 0);
  EXPECT_EQ(gray_at(canvas, 20, 10), 0);
  // The line ends in the middle of these pixels, of whose rows cairo looks at fifteen.
  EXPECT_NEAR(gray_at(canvas, 20, 8), 128, 255 / 30.0 + 1);
  EXPECT_NEAR(gray_at(canvas, 20, 11), 128, 255 / 30.0 + 1);
  EXPECT_EQ(gray_at(canvas, 20, 7), 255);
  EXPECT_EQ(gray_at(canvas, 38, 10), 255);
  Canvas dot(20, 20);
  dot.draw_line(std::array{Point{10, 10}}, {{0, 0, 0}, 6});
  EXPECT_EQ(ink_of(dot).width, 6);
  EXPECT_EQ(ink_of(dot).height, 6);
}

TEST(Canvas, LinesAreClippedAndNotDarkerWhereTheyMeet) {
  Canvas canvas(20, 20);
  canvas.draw_line(std::array{Point{-50, 10}, Point{60, 10}}, {{0, 0, 0}, 1});
  const auto once = canvas.pixels().clone();
  Canvas again(20, 20);
  again.draw_line(std::array{Point{-50, 10}, Point{60, 10}, Point{-50, 10}}, {{0, 0, 0}, 1});
  EXPECT_TRUE(at::equal(again.pixels(), once));
}

TEST(Canvas, ImagesAreEnlargedByWholePixels) {
  Canvas canvas(8, 6);
  canvas.draw_image(at::arange(4, at::kByte).view({1, 2, 2}), 1, 2, 2);
  const auto expected = at::tensor({0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 3, 3, 2, 2, 3, 3}, at::kByte).view({4, 4});
  for (const int64_t channel : {0, 1, 2}) {
    EXPECT_TRUE(at::equal(canvas.pixels()[channel].slice(0, 2, 6).slice(1, 1, 5), expected));
  }
  EXPECT_EQ((canvas.pixels()[0] != 255).sum().item<int>(), 16);
}

TEST(Canvas, ColoursArriveAsTheyAre) {
  Canvas canvas(3, 1, {1, 2, 3});
  canvas.fill_rect({1, 0, 1, 1}, {200, 100, 50});
  canvas.draw_image(at::tensor({9, 8, 7}, at::kByte).view({3, 1, 1}), 2, 0);
  const auto expected = at::tensor({1, 200, 9, 2, 100, 8, 3, 50, 7}, at::kByte).view({3, 1, 3});
  EXPECT_TRUE(at::equal(canvas.pixels(), expected)) << canvas.pixels();
}

TEST(Canvas, AnotherCanvasIsDrawnWholeAndNotBeyondItsEdge) {
  Canvas inner(4, 4, {10, 10, 10});
  inner.fill_rect({2, 2, 100, 100}, {90, 90, 90});
  Canvas outer(10, 10);
  outer.draw_canvas(inner, 3, 5);
  auto expected = at::full({10, 10}, 255, at::kByte);
  expected.slice(0, 5, 9).slice(1, 3, 7).fill_(10);
  expected.slice(0, 7, 9).slice(1, 5, 7).fill_(90);
  EXPECT_TRUE(at::equal(outer.pixels()[0], expected)) << outer.pixels()[0];
}

TEST(Canvas, PicturesOfAnyWidthAreDrawn) {
  Canvas canvas(40000, 2);
  canvas.fill_rect({16000, 1, 23000, 1}, {0, 0, 0});
  const auto row = canvas.pixels()[0][1];
  EXPECT_EQ((row == 0).nonzero().min().item<int64_t>(), 16000);
  EXPECT_EQ((row == 0).sum().item<int64_t>(), 23000);
}

}  // namespace
}  // namespace patronus
