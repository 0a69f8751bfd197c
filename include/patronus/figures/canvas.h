#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct _cairo;  // cairo_t

namespace patronus {

struct Color {
  uint8_t red = 0;
  uint8_t green = 0;
  uint8_t blue = 0;
};

inline constexpr Color kWhite{255, 255, 255};
inline constexpr Color kInk{34, 34, 34};  // text: a little softer than black
inline constexpr int64_t kColors = 7;     // of curves, bars and boxes; further ones repeat them

/// A position in pixels from the upper left corner; the centre of the first pixel is (0.5, 0.5).
struct Point {
  double x = 0;
  double y = 0;
};

/// A rectangle in whole pixels.
struct Rect {
  int64_t x = 0;
  int64_t y = 0;
  int64_t width = 0;
  int64_t height = 0;
};

struct LineStyle {
  Color color = kInk;
  double width = 1;
};

enum class Align { kStart, kCenter, kEnd };

struct TextStyle {
  double size = 14;  // pixels per em; capital letters are 0.73 em high
  Color color = kInk;
  Align align = Align::kStart;  // part of the text at the anchor
  bool upwards = false;         // rotated by 90 degrees, to read from below
};

/// Width in pixels, rounded up, of a line of UTF-8 text in DejaVu Sans as drawn by `Canvas::draw_text`.
int64_t text_width(std::string_view text, double size);

/// Width in pixels of the widest of `texts`; 0 if empty.
int64_t widest_text(std::span<const std::string> texts, double size);

/// Height in pixels of a line with comfortable space above and below.
int64_t line_height(double size);

/// Where a text that is too wide is shortened.
enum class Cut { kMiddle, kEnd };

/// `text` if at most `width` pixels wide, else its beginning and an ellipsis, followed by its end for a cut
/// in the middle.
std::string fit_text(const std::string& text, double size, int64_t width, Cut cut = Cut::kMiddle);

/// A drawing surface that records what is drawn, for output as pixels or vectors. Antialiased; clips to its
/// area. Copies are independent.
class Canvas {
 public:
  Canvas(int64_t width, int64_t height, Color background = kWhite);

  int64_t width() const { return width_; }
  int64_t height() const { return height_; }

  void fill_rect(const Rect& rect, Color color);
  /// Draws lines of one pixel just inside `rect`.
  void outline_rect(const Rect& rect, Color color);
  /// Draws a line through `points` with round ends and joins; a single point is a dot.
  void draw_line(std::span<const Point> points, const LineStyle& style);
  /// Fills a polygon; `opacity` 0 .. 1.
  void fill_polygon(std::span<const Point> corners, Color color, double opacity = 1);
  /// Draws one line of UTF-8 text (invalid bytes show as U+FFFD), with the middle of its capital letters at
  /// the height of `anchor` (`upwards`: at its x).
  void draw_text(std::string_view text, const Point& anchor, const TextStyle& style);
  /// Draws `image`, uint8 [1 or 3, H, W], enlarged `factor` times, with its upper left corner at (x, y).
  void draw_image(const at::Tensor& image, int64_t x, int64_t y, int64_t factor = 1);
  /// Draws another canvas with its upper left corner at (x, y).
  void draw_canvas(const Canvas& canvas, int64_t x, int64_t y);

  /// Renders to uint8 [3, height, width].
  at::Tensor pixels() const;
  /// Renders to a one-page PDF with real text in an embedded font, 96 pixels per inch. Equal drawings give
  /// equal bytes.
  std::string pdf() const;
  /// Renders to SVG with letters as outlines, 96 pixels per inch.
  std::string svg() const;

 private:
  using Drawing = std::function<void(_cairo*)>;

  void draw_on(_cairo* context) const;

  int64_t width_;
  int64_t height_;
  std::vector<Drawing> drawings_;  // in drawing order
};

}  // namespace patronus
