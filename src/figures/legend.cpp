#include "figures/legend.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "figures/plot_style.h"

namespace patronus {
namespace {

constexpr int64_t kPadding = 8;
constexpr int64_t kKeyLength = 22;  // length of the symbol before a name
constexpr Color kFrameColor{200, 200, 200};

bool touches(const Polyline& run, const Rect& rect) {
  const auto inside = [&](const Point& point) {
    return point.x > static_cast<double>(rect.x - kPadding) &&
           point.x < static_cast<double>(rect.x + rect.width + kPadding) &&
           point.y > static_cast<double>(rect.y - kPadding) &&
           point.y < static_cast<double>(rect.y + rect.height + kPadding);
  };
  for (size_t i = 0; i < run.size(); ++i) {
    const Point& from = run[i > 0 ? i - 1 : 0];
    const Point way{run[i].x - from.x, run[i].y - from.y};
    // Checks points at most kPadding apart, which is less than the padded legend is wide or high.
    const double steps = std::ceil(std::hypot(way.x, way.y) / kPadding) + 1;
    for (double step = 0; step <= steps; ++step) {
      if (inside({from.x + way.x * step / steps, from.y + way.y * step / steps})) return true;
    }
  }
  return false;
}

bool is_free(const Rect& rect, const std::vector<Curve>& curves) {
  for (const auto& curve : curves) {
    for (const auto& run : curve.polylines) {
      if (touches(run, rect)) return false;
    }
  }
  return true;
}

}  // namespace

Legend make_legend(const std::vector<Curve>& curves, const std::string& bands, int64_t most_width,
                   int64_t most_height) {
  constexpr int64_t kBesideName = kKeyLength + 3 * kPadding;
  Legend legend;
  for (const auto& curve : curves) {
    const auto mark = curve.dots ? LegendMark::kDot : LegendMark::kLine;
    if (!curve.name.empty()) legend.entries.push_back({curve.name, mark, curve.style});
  }
  const auto most_rows =
      static_cast<size_t>(std::max<int64_t>(1, most_height / line_height(kSmallSize) - 1 - !bands.empty()));
  if (legend.entries.size() > most_rows) {
    const size_t hidden = legend.entries.size() - most_rows + 1;
    legend.entries.resize(most_rows);
    legend.entries.back() = {"and " + std::to_string(hidden) + " more", LegendMark::kNone, {}};
  }
  if (!bands.empty()) legend.entries.push_back({bands, LegendMark::kBand, {}});
  for (auto& entry : legend.entries) {
    entry.name = fit_text(entry.name, kSmallSize, most_width - kBesideName, Cut::kEnd);
    legend.width = std::max(legend.width, text_width(entry.name, kSmallSize) + kBesideName);
  }
  legend.height = std::ssize(legend.entries) * line_height(kSmallSize) + kPadding;
  return legend;
}

std::optional<Rect> find_legend_position(const Legend& legend, const Rect& area,
                                         const std::vector<Curve>& curves) {
  const int64_t left = area.x + kPadding + 2;
  const int64_t right = area.x + area.width - legend.width - kPadding;
  const int64_t top = area.y + kPadding;
  const int64_t bottom = area.y + area.height - legend.height - kPadding - 2;
  if (left > right || top > bottom) return std::nullopt;
  const int64_t center = (left + right) / 2;
  const int64_t middle = (top + bottom) / 2;
  using Corner = std::pair<int64_t, int64_t>;
  for (const auto& [x, y] :
       {Corner{right, top}, Corner{left, top}, Corner{right, bottom}, Corner{left, bottom},
        Corner{center, top}, Corner{right, middle}, Corner{center, bottom}, Corner{left, middle}}) {
    const Rect place{x, y, legend.width, legend.height};
    if (is_free(place, curves)) return place;
  }
  return std::nullopt;
}

void draw_legend(Canvas& canvas, const Legend& legend, const Rect& place) {
  constexpr Color kBandColor{210, 210, 210};  // gray, as bands differ in colour
  canvas.fill_rect(place, kWhite);
  canvas.outline_rect(place, kFrameColor);
  const double row = static_cast<double>(line_height(kSmallSize));
  const int64_t x = place.x + kPadding;
  double y = static_cast<double>(place.y) + (kPadding + row) / 2;
  for (const auto& [name, mark, style] : legend.entries) {
    const Point start{static_cast<double>(x + 1), y}, end{static_cast<double>(x + kKeyLength - 1), y};
    const Point middle{(start.x + end.x) / 2, y};
    if (mark == LegendMark::kLine) canvas.draw_line(std::array{start, end}, {style.color, style.width + 0.7});
    if (mark == LegendMark::kDot) canvas.draw_line({&middle, 1}, style);
    if (mark == LegendMark::kBand) canvas.fill_rect({x, std::lround(y) - 5, kKeyLength, 10}, kBandColor);
    canvas.draw_text(name, {end.x + 1 + kPadding, y}, {.size = kSmallSize});
    y += row;
  }
}

namespace {

constexpr int64_t kSwatch = 12;
constexpr int64_t kBetweenNames = 2 * kGap;

}  // namespace

int64_t legend_row_width(const std::vector<std::string>& names) {
  int64_t width = 0;
  for (const auto& name : names) {
    if (name.empty()) continue;
    width += (width > 0 ? kBetweenNames : 0) + kSwatch + kGap + text_width(name, kSmallSize);
  }
  return width;
}

void draw_legend_row(Canvas& canvas, const std::vector<std::string>& names, int64_t x, int64_t y) {
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) continue;
    canvas.fill_rect({x, y + 2, kSwatch, kSwatch}, kPalette[i % kPalette.size()]);
    x += kSwatch + kGap;
    canvas.draw_text(names[i], {static_cast<double>(x), static_cast<double>(y + 2) + kSwatch / 2.0},
                     {.size = kSmallSize});
    x += text_width(names[i], kSmallSize) + kBetweenNames;
  }
}

}  // namespace patronus
