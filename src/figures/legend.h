#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "patronus/figures/canvas.h"

namespace patronus {

/// Points joined by a line. A curve with missing values consists of several runs.
using Polyline = std::vector<Point>;

struct Curve {
  std::string name;
  LineStyle style;
  std::vector<Polyline> polylines;
  bool dots = false;  // separate points instead of a line
};

/// Symbol before a name.
enum class LegendMark { kNone, kLine, kDot, kBand };

struct LegendEntry {
  std::string name;
  LegendMark mark;
  LineStyle style;
};

/// The names of a plot's curves in a box; sizes in pixels.
struct Legend {
  std::vector<LegendEntry> entries;
  int64_t width = 0;
  int64_t height = 0;
};

/// Creates a legend of the curves that have a name. Shortens names that are too wide at their end and
/// replaces entries that do not fit in the height by "and N more". `bands`, the meaning of the bands, is the
/// last entry unless empty.
Legend make_legend(const std::vector<Curve>& curves, const std::string& bands, int64_t most_width,
                   int64_t most_height);

/// A place in `area` where the legend hides no curve: in a corner or in the middle of a side. All in pixels.
/// Returns nothing if there is none.
std::optional<Rect> find_legend_position(const Legend& legend, const Rect& area,
                                         const std::vector<Curve>& curves);

void draw_legend(Canvas& canvas, const Legend& legend, const Rect& place);

/// Width in pixels of names in a row, each after a box in its colour. Empty names are left out.
int64_t legend_row_width(const std::vector<std::string>& names);

/// Draws names in a row to the right of `x` and below `y`, name i after a box in colour i of the palette.
/// Empty names are left out.
void draw_legend_row(Canvas& canvas, const std::vector<std::string>& names, int64_t x, int64_t y);

}  // namespace patronus
