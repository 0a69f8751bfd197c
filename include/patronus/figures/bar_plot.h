#pragma once
#include <string>
#include <vector>

#include "patronus/figures/canvas.h"

namespace patronus {

/// One value per category; values that are not finite have no bar.
struct Bars {
  std::string name{};  // for the legend; may be empty
  std::vector<double> values{};
  std::vector<double> deviations{};  // drawn as whiskers; may be empty
};

/// Horizontal bars in groups: one group per category, one bar per series.
struct BarPlot {
  std::vector<std::string> categories{};
  std::vector<Bars> series{};
  std::string title{};
  std::string x_label{};
  double start = 0;  // range of the axis
  double end = 1;
  double base = 0;  // where bars begin, at least `start`: for an AUROC 0.5, chance
  int64_t width = 560;
  // Largest width of category names. Longer ones are shortened, unless two would then look the same: in that
  // case all are drawn whole and the plot gets wider.
  int64_t label_width = 180;
};

/// Draws a bar plot as high as its bars need; at most `kColors` series.
Canvas draw_bar_plot(const BarPlot& plot);

}  // namespace patronus
