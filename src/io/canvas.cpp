#include "patronus/io/canvas.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "io/text_mask.h"

namespace patronus {
namespace {

constexpr double kCapitalHeight = 0.73;  // of an em, DejaVu Sans

double distance_to_segment(const Point& p, const Point& a, const Point& b) {
  const double dx = b.x - a.x;
  const double dy = b.y - a.y;
  const double squared_length = dx * dx + dy * dy;
  const double along = squared_length > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / squared_length : 0;
  const double t = std::clamp(along, 0.0, 1.0);
  return std::hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

/// The smallest rectangle of whole pixels, inside a picture of the given size, around points and `reach`
/// beyond.
Rect pixels_around(std::span<const Point> points, double reach, int64_t width, int64_t height) {
  const auto clipped = [](double value, int64_t size) {
    return static_cast<int64_t>(std::clamp(value, 0.0, static_cast<double>(size)));
  };
  Point low = points[0];
  Point high = points[0];
  for (const auto& point : points) {
    low = {std::min(low.x, point.x), std::min(low.y, point.y)};
    high = {std::max(high.x, point.x), std::max(high.y, point.y)};
  }
  const int64_t left = clipped(std::floor(low.x - reach), width);
  const int64_t top = clipped(std::floor(low.y - reach), height);
  return {left, top, clipped(std::ceil(high.x + reach), width) - left,
          clipped(std::ceil(high.y + reach), height) - top};
}

/// Distance from the anchor back to the start of a text of this length.
double start_offset(Align align, int64_t length) {
  const auto whole = static_cast<double>(length);
  return align == Align::kStart ? 0 : align == Align::kCenter ? whole / 2 : whole;
}

int64_t rounded(double value) {
  return static_cast<int64_t>(std::lround(value));
}

}  // namespace

int64_t text_width(std::string_view text, double size) {
  return rasterize_text(text, size).width;
}

int64_t line_height(double size) {
  return static_cast<int64_t>(std::ceil(1.4 * size));
}

std::string fit_text(const std::string& text, double size, int64_t width) {
  if (text_width(text, size) <= width) return text;
  std::string fitting = "…";
  std::string head;
  for (std::string_view rest = text; !rest.empty();) {
    const size_t length = utf8_length(rest);
    head += rest.substr(0, length);
    rest.remove_prefix(length);
    if (text_width(head + "…", size) > width) break;
    if (head.back() != ' ') fitting = head + "…";
  }
  return fitting;
}

Canvas::Canvas(int64_t width, int64_t height, Color background)
    : pixels_(at::empty({3, height, width}, at::kByte)) {
  fill_rect({0, 0, width, height}, background);
}

void Canvas::blend(int64_t x, int64_t y, Color color, double opacity) {
  const int64_t height = pixels_.size(1);
  const int64_t width = pixels_.size(2);
  if (x < 0 || y < 0 || x >= width || y >= height) return;
  auto* pixel = pixels_.data_ptr<uint8_t>() + y * width + x;
  for (const uint8_t value : {color.red, color.green, color.blue}) {
    *pixel = static_cast<uint8_t>(std::lround(*pixel + opacity * (value - *pixel)));
    pixel += height * width;
  }
}

void Canvas::fill_rect(const Rect& rect, Color color) {
  for (int64_t y = rect.y; y < rect.y + rect.height; ++y) {
    for (int64_t x = rect.x; x < rect.x + rect.width; ++x) blend(x, y, color, 1);
  }
}

void Canvas::outline_rect(const Rect& rect, Color color) {
  fill_rect({rect.x, rect.y, rect.width, 1}, color);
  fill_rect({rect.x, rect.y + rect.height - 1, rect.width, 1}, color);
  fill_rect({rect.x, rect.y, 1, rect.height}, color);
  fill_rect({rect.x + rect.width - 1, rect.y, 1, rect.height}, color);
}

void Canvas::draw_line(std::span<const Point> points, const LineStyle& style) {
  if (points.empty()) return;
  const int64_t width = pixels_.size(2);
  const double reach = style.width / 2 + 0.5;
  const Rect box = pixels_around(points, reach, width, pixels_.size(1));
  // Segments are united, not painted one over the other: a noisy curve does not grow darker where they meet.
  std::vector<float> coverage(static_cast<size_t>(box.width * box.height));
  for (size_t i = 0; i < points.size(); ++i) {
    const std::array segment{points[i > 0 ? i - 1 : 0], points[i]};
    const Rect near = pixels_around(segment, reach, width, pixels_.size(1));
    for (int64_t y = near.y; y < near.y + near.height; ++y) {
      for (int64_t x = near.x; x < near.x + near.width; ++x) {
        const Point center{static_cast<double>(x) + 0.5, static_cast<double>(y) + 0.5};
        const double covered =
            std::clamp(reach - distance_to_segment(center, segment[0], segment[1]), 0.0, 1.0);
        auto& value = coverage[static_cast<size_t>((y - box.y) * box.width + x - box.x)];
        value = std::max(value, static_cast<float>(covered));
      }
    }
  }
  for (int64_t i = 0; i < box.width * box.height; ++i) {
    blend(box.x + i % box.width, box.y + i / box.width, style.color, coverage[static_cast<size_t>(i)]);
  }
}

void Canvas::draw_text(std::string_view text, const Point& anchor, const TextStyle& style) {
  const TextMask mask = rasterize_text(text, style.size);
  const double offset = start_offset(style.align, mask.width);
  const double below_middle =
      style.size * kCapitalHeight / 2;  // from the middle of the capitals to the baseline
  // Whole pixels: letters that stand on the same line look alike.
  const int64_t start = style.upwards ? rounded(anchor.y + offset) - 1 : rounded(anchor.x - offset);
  const int64_t top = rounded((style.upwards ? anchor.x : anchor.y) + below_middle) - mask.baseline;
  for (int64_t row = 0; row < mask.height; ++row) {
    for (int64_t column = 0; column < mask.width; ++column) {
      const double opacity = mask.coverage[static_cast<size_t>(row * mask.width + column)] / 255.0;
      if (style.upwards) {
        blend(top + row, start - column, style.color, opacity);
      } else {
        blend(start + column, top + row, style.color, opacity);
      }
    }
  }
}

void Canvas::draw_image(const at::Tensor& image, int64_t x, int64_t y, int64_t factor) {
  TORCH_CHECK(
      image.scalar_type() == at::kByte && image.dim() == 3 && (image.size(0) == 1 || image.size(0) == 3),
      "draw_image: expected uint8 [1 or 3, H, W], got ", image.toString(), " ", image.sizes());
  const auto large = image.cpu().repeat_interleave(factor, 1).repeat_interleave(factor, 2);
  pixels_.slice(1, y, y + large.size(1)).slice(2, x, x + large.size(2)).copy_(large);
}

}  // namespace patronus
