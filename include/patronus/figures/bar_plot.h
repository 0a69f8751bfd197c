#pragma once
#include <string>
#include <vector>

#include "patronus/figures/canvas.h"

namespace patronus {

/// One value a category; a value that is not finite has no bar.
struct Bars {
  std::string name{};  // for the legend; may be empty
  std::vector<double> values{};
  std::vector<double> deviations{};  // drawn as whiskers; may be empty
};

/// Horizontal bars, one below the other: a group for every category, in it a bar of every series.
struct BarPlot {
  std::vector<std::string> categories{};
  std::vector<Bars> series{};
  std::string title{};
  std::string x_label{};
  double start = 0;  // of the axis
  double end = 1;
  double base = 0;  // where bars begin, or the axis where it begins later: for an AUROC 0.5, chance
  int64_t width = 900;
  int64_t label_width = 220;  // that category names may take; longer ones are shortened
};

/// Draws a plot as high as its bars need; at most seven series.
Canvas draw_bar_plot(const BarPlot& plot);

}  // namespace patronus
