#include "patronus/figures/canvas.h"

#include <ATen/Functions.h>
#include <cairo-pdf.h>
#include <cairo-svg.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "figures/font.h"
#include "patronus/core/text.h"

namespace patronus {
namespace {

constexpr double kCapitalHeight = 0.73;  // of an em in DejaVu Sans
constexpr double kPointsOfPixel = 0.75;  // 72 points and 96 pixels per inch
constexpr double kQuarterTurn = -1.5707963267948966;

using Surface = std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)>;
using Context = std::unique_ptr<cairo_t, decltype(&cairo_destroy)>;

void check(cairo_status_t status) {
  TORCH_CHECK(status == CAIRO_STATUS_SUCCESS, "drawing failed: ", cairo_status_to_string(status));
}

void draw(cairo_surface_t* surface, const std::function<void(cairo_t*)>& drawing) {
  const Context context(cairo_create(surface), &cairo_destroy);
  drawing(context.get());
  check(cairo_status(context.get()));
}

void set_color(cairo_t* context, Color color, double opacity = 1) {
  cairo_set_source_rgba(context, color.red / 255.0, color.green / 255.0, color.blue / 255.0, opacity);
}

/// Converts an image to cairo's RGB24 format: uint8 [H, W, 4] in the order blue, green, red, unused.
at::Tensor cairo_pixels(const at::Tensor& image) {
  const auto rgb = image.cpu().expand({3, -1, -1});
  return at::stack({rgb[2], rgb[1], rgb[0], at::zeros_like(rgb[0])}, 2).contiguous();
}

/// Creates a surface for a part of `pixels`, uint8 [H, W, 4], which shares their memory.
Surface surface_of(const at::Tensor& pixels, const Rect& part) {
  const auto stride = static_cast<int>(4 * pixels.size(1));
  return {cairo_image_surface_create_for_data(pixels.data_ptr<uint8_t>() + part.y * stride + 4 * part.x,
                                              CAIRO_FORMAT_RGB24, static_cast<int>(part.width),
                                              static_cast<int>(part.height), stride),
          &cairo_surface_destroy};
}

void rectangle(cairo_t* context, const Rect& rect) {
  cairo_rectangle(context, static_cast<double>(rect.x), static_cast<double>(rect.y),
                  static_cast<double>(rect.width), static_cast<double>(rect.height));
}

/// Distance from the start of a text of this length to its anchor.
double start_offset(Align align, int64_t length) {
  const auto whole = static_cast<double>(length);
  return align == Align::kStart ? 0 : align == Align::kCenter ? whole / 2 : whole;
}

/// Draws a line of text at the current point. Pixel surfaces get the outlines, as cairo places rendered
/// glyphs only on whole pixels; vector surfaces get text.
void show_text(cairo_t* context, const std::string& text) {
  if (cairo_surface_get_type(cairo_get_target(context)) == CAIRO_SURFACE_TYPE_IMAGE) {
    cairo_text_path(context, text.c_str());
    cairo_fill(context);
  } else {
    cairo_show_text(context, text.c_str());
  }
}

using MakeSurface = cairo_surface_t* (*)(cairo_write_func_t, void*, double, double);

/// Content of the vector file that a surface from `make` writes; `size` in pixels.
std::string vector_file(MakeSurface make, const Point& size, const std::function<void(cairo_t*)>& drawing) {
  std::string file;
  const auto append = [](void* to, const unsigned char* data, unsigned int length) {
    static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(data), length);
    return CAIRO_STATUS_SUCCESS;
  };
  const Surface surface(make(append, &file, kPointsOfPixel * size.x, kPointsOfPixel * size.y),
                        &cairo_surface_destroy);
  if (cairo_surface_get_type(surface.get()) == CAIRO_SURFACE_TYPE_PDF) {
    cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATE_DATE, "");  // no date
  }
  draw(surface.get(), [&](cairo_t* context) {
    cairo_scale(context, kPointsOfPixel, kPointsOfPixel);
    drawing(context);
  });
  cairo_surface_finish(surface.get());
  check(cairo_surface_status(surface.get()));
  return file;
}

}  // namespace

int64_t text_width(std::string_view text, double size) {
  return static_cast<int64_t>(std::ceil(text_ink(valid_utf8(text), size).width));
}

int64_t widest_text(std::span<const std::string> texts, double size) {
  int64_t widest = 0;
  for (const auto& text : texts) widest = std::max(widest, text_width(text, size));
  return widest;
}

int64_t line_height(double size) {
  return static_cast<int64_t>(std::ceil(1.4 * size));
}

std::string fit_text(const std::string& text, double size, int64_t width, Cut cut) {
  if (text_width(text, size) <= width) return text;
  std::vector<std::string_view> letters;
  for (std::string_view rest = text; !rest.empty(); rest.remove_prefix(letters.back().size()))
    letters.push_back(rest.substr(0, utf8_length(rest)));
  std::string fitting = "…", head, tail;
  for (size_t kept = 0; kept + 1 < letters.size(); ++kept) {
    if (cut == Cut::kEnd) {
      head += letters[kept];
    } else if (kept % 2 == 0) {
      head += letters[kept / 2];
    } else {
      tail.insert(0, letters[letters.size() - 1 - kept / 2]);
    }
    const std::string longer = std::string(trim(head)) + "…" + std::string(trim(tail));
    if (text_width(longer, size) > width) break;
    fitting = longer;
  }
  return fitting;
}

Canvas::Canvas(int64_t width, int64_t height, Color background) : width_(width), height_(height) {
  fill_rect({0, 0, width, height}, background);
}

void Canvas::fill_rect(const Rect& rect, Color color) {
  drawings_.emplace_back([=](cairo_t* context) {
    set_color(context, color);
    rectangle(context, rect);
    cairo_fill(context);
  });
}

void Canvas::outline_rect(const Rect& rect, Color color) {
  fill_rect({rect.x, rect.y, rect.width, 1}, color);
  fill_rect({rect.x, rect.y + rect.height - 1, rect.width, 1}, color);
  fill_rect({rect.x, rect.y, 1, rect.height}, color);
  fill_rect({rect.x + rect.width - 1, rect.y, 1, rect.height}, color);
}

void Canvas::draw_line(std::span<const Point> points, const LineStyle& style) {
  if (points.empty()) return;
  drawings_.emplace_back([points = std::vector(points.begin(), points.end()), style](cairo_t* context) {
    set_color(context, style.color);
    cairo_set_line_width(context, style.width);
    cairo_set_line_cap(context, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND);
    cairo_move_to(context, points[0].x, points[0].y);
    for (const auto& point : points) cairo_line_to(context, point.x, point.y);
    cairo_stroke(context);
  });
}

void Canvas::fill_polygon(std::span<const Point> corners, Color color, double opacity) {
  if (corners.empty()) return;
  drawings_.emplace_back([=, corners = std::vector(corners.begin(), corners.end())](cairo_t* context) {
    set_color(context, color, opacity);
    cairo_move_to(context, corners[0].x, corners[0].y);
    for (const auto& corner : corners) cairo_line_to(context, corner.x, corner.y);
    cairo_close_path(context);
    cairo_fill(context);
  });
}

void Canvas::draw_text(std::string_view text, const Point& anchor, const TextStyle& style) {
  if (text.empty()) return;
  const std::string valid = valid_utf8(text);
  const TextInk ink = text_ink(valid, style.size);
  const double offset = start_offset(style.align, static_cast<int64_t>(std::ceil(ink.width)));
  const double below_middle = style.size * kCapitalHeight / 2;  // from capitals' middle to the baseline
  // Rounded to whole pixels, so that equal texts look alike everywhere.
  const Point start = style.upwards
                          ? Point{std::round(anchor.x + below_middle), std::round(anchor.y + offset)}
                          : Point{std::round(anchor.x - offset), std::round(anchor.y + below_middle)};
  drawings_.emplace_back([=](cairo_t* context) {
    cairo_save(context);
    set_color(context, style.color);
    set_font(context, style.size);
    cairo_translate(context, start.x, start.y);
    if (style.upwards) cairo_rotate(context, kQuarterTurn);
    cairo_move_to(context, -ink.start, 0);
    show_text(context, valid);
    cairo_restore(context);
  });
}

void Canvas::draw_image(const at::Tensor& image, int64_t x, int64_t y, int64_t factor) {
  TORCH_CHECK(
      image.scalar_type() == at::kByte && image.dim() == 3 && (image.size(0) == 1 || image.size(0) == 3),
      "draw_image: expected uint8 [1 or 3, H, W], got ", image.toString(), " ", image.sizes());
  const Rect whole{0, 0, image.size(2), image.size(1)};
  drawings_.emplace_back([=, pixels = cairo_pixels(image)](cairo_t* context) {
    const Surface surface = surface_of(pixels, whole);
    cairo_save(context);
    cairo_translate(context, static_cast<double>(x), static_cast<double>(y));
    cairo_scale(context, static_cast<double>(factor), static_cast<double>(factor));
    cairo_set_source_surface(context, surface.get(), 0, 0);
    cairo_pattern_set_filter(cairo_get_source(context), CAIRO_FILTER_NEAREST);
    rectangle(context, whole);
    cairo_fill(context);
    cairo_restore(context);
  });
}

void Canvas::draw_canvas(const Canvas& canvas, int64_t x, int64_t y) {
  drawings_.emplace_back([=](cairo_t* context) {
    cairo_save(context);
    cairo_translate(context, static_cast<double>(x), static_cast<double>(y));
    canvas.draw_on(context);
    cairo_restore(context);
  });
}

void Canvas::draw_on(cairo_t* context) const {
  rectangle(context, {0, 0, width_, height_});
  cairo_clip(context);
  for (const auto& drawing : drawings_) drawing(context);
}

at::Tensor Canvas::pixels() const {
  constexpr int64_t kMaxSide = 16384;  // largest side of a surface; larger pictures are drawn in parts
  const auto pixels = at::zeros({height_, width_, 4}, at::kByte);
  for (int64_t y = 0; y < height_; y += kMaxSide) {
    for (int64_t x = 0; x < width_; x += kMaxSide) {
      const Rect part{x, y, std::min(kMaxSide, width_ - x), std::min(kMaxSide, height_ - y)};
      draw(surface_of(pixels, part).get(), [&](cairo_t* context) {
        cairo_translate(context, static_cast<double>(-x), static_cast<double>(-y));
        draw_on(context);
      });
    }
  }
  return pixels.slice(2, 0, 3).flip(2).permute({2, 0, 1}).contiguous();
}

std::string Canvas::pdf() const {
  return vector_file(&cairo_pdf_surface_create_for_stream, {double(width_), double(height_)},
                     [&](cairo_t* c) { draw_on(c); });
}

std::string Canvas::svg() const {
  return vector_file(&cairo_svg_surface_create_for_stream, {double(width_), double(height_)},
                     [&](cairo_t* c) { draw_on(c); });
}

}  // namespace patronus
