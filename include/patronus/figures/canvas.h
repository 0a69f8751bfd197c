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

/// A place in pixels from the upper left corner; the centre of the first pixel is (0.5, 0.5).
struct Point {
  double x = 0;
  double y = 0;
};

/// Whole pixels.
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
  double size = 14;  // pixels an em; capital letters are 0.73 of it high
  Color color = kInk;
  Align align = Align::kStart;  // the part of the text that lies at the anchor
  bool upwards = false;         // turned by 90 degrees, read from below
};

/// Width in pixels, rounded up, of the ink of a line of UTF-8 text in DejaVu Sans, as `Canvas::draw_text`
/// draws it.
int64_t text_width(std::string_view text, double size);

/// Width in pixels of the widest of `texts`; 0 of none.
int64_t widest_text(std::span<const std::string> texts, double size);

/// Height in pixels of a line with comfortable space above and below.
int64_t line_height(double size);

/// `text` when it is at most `width` pixels wide, else its beginning and end around an ellipsis.
std::string fit_text(const std::string& text, double size, int64_t width);

/// A picture to draw on, kept as what was drawn, so that it comes out as pixels or as vectors. Antialiased;
/// what lies outside is clipped. A copy is a picture of its own.
class Canvas {
 public:
  Canvas(int64_t width, int64_t height, Color background = kWhite);

  int64_t width() const { return width_; }
  int64_t height() const { return height_; }

  void fill_rect(const Rect& rect, Color color);
  /// Lines of one pixel just inside `rect`.
  void outline_rect(const Rect& rect, Color color);
  /// One line through `points` with round ends and joints; a single point is a dot.
  void draw_line(std::span<const Point> points, const LineStyle& style);
  /// The inside of a polygon; `opacity` 0 .. 1.
  void fill_polygon(std::span<const Point> corners, Color color, double opacity = 1);
  /// One line of UTF-8 text (broken bytes show as U+FFFD); the middle of its capital letters lies at the
  /// height of `anchor` (upwards: at its x).
  void draw_text(std::string_view text, const Point& anchor, const TextStyle& style);
  /// `image`: uint8 [1 or 3, H, W], every pixel drawn `factor` × `factor` large, upper left corner at (x, y).
  void draw_image(const at::Tensor& image, int64_t x, int64_t y, int64_t factor = 1);
  /// All of another canvas, upper left corner at (x, y).
  void draw_canvas(const Canvas& canvas, int64_t x, int64_t y);

  /// The picture as uint8 [3, height, width].
  at::Tensor pixels() const;
  /// The picture as a PDF file of one page, whose text is text in an embedded font; 96 pixels an inch. The
  /// same picture gives the same bytes.
  std::string pdf() const;
  /// The picture as an SVG file, whose letters are outlines; 96 pixels an inch.
  std::string svg() const;

 private:
  using Drawing = std::function<void(_cairo*)>;

  void draw_on(_cairo* context) const;

  int64_t width_;
  int64_t height_;
  std::vector<Drawing> drawings_;  // one after the other
};

}  // namespace patronus
