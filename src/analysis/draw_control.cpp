#include "patronus/analysis/control.h"

#include "patronus/figures/matrix_plot.h"

namespace patronus {

Canvas draw_control(const Control& control, const PrototypeNames& names) {
  const std::string verb = control.lowers ? "lower" : "rais";
  MatrixPlot plot{.values = control.effect, .limit = 1};
  plot.title = "Effect of " + verb + "ing one prototype on all, in standard deviations for one asked";
  plot.x_label = "prototype whose activation changes";
  plot.y_label = "prototype that is " + verb + "ed";
  for (const int64_t k : control.prototypes) plot.row_labels.push_back(names.label(k));
  for (int64_t k = 0; k < control.effect.size(1); ++k) plot.column_labels.push_back(std::to_string(k));
  return draw_matrix(plot);
}

}  // namespace patronus
