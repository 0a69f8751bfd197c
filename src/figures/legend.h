#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "patronus/figures/canvas.h"

namespace patronus {

/// Points that are joined; a curve is several of them where values are missing.
using Run = std::vector<Point>;

struct Curve {
  std::string name;
  LineStyle style;
  std::vector<Run> runs;
  bool dots = false;  // that are not joined
};

/// What stands before a name.
enum class LegendMark { kNone, kLine, kDot, kBand };

struct LegendEntry {
  std::string name;
  LegendMark mark;
  LineStyle style;
};

/// The names of a plot's curves in a box.
struct Legend {
  std::vector<LegendEntry> entries;
  int64_t width = 0;
  int64_t height = 0;
};

/// Curves without a name are left out, long names are shortened, and those that no longer fit become a
/// number. Last what `bands` are, where that is said.
Legend make_legend(const std::vector<Curve>& curves, const std::string& bands, int64_t most_width,
                   int64_t most_height);

/// A place in a corner, or between two corners, of `area` where the legend hides nothing of the curves (in
/// pixels).
std::optional<Rect> free_place(const Legend& legend, const Rect& area, const std::vector<Curve>& curves);

void draw_legend(Canvas& canvas, const Legend& legend, const Rect& place);

/// Pixels that names take in a row, each behind its colour.
int64_t key_width(const std::vector<std::string>& names);

/// Draws them from `x` on, below `y`: the colours are the plots', number by number. Empty names are left out.
void draw_key(Canvas& canvas, const std::vector<std::string>& names, int64_t x, int64_t y);

}  // namespace patronus
