#include "patronus/training/loss_curve.h"

#include "patronus/figures/line_plot.h"
#include "patronus/training/metrics_log.h"

namespace patronus {

void draw_loss_curve(const RunDirectory& run, const std::vector<LossCurve>& curves,
                     const std::vector<FigureFormat>& formats) {
  LinePlot plot{.series = {},
                .title = run.path().filename().string(),
                .x_label = "step",
                .y_label = "denoising loss",
                .log_y = true};
  constexpr size_t kFewPoints = 20;  // with fewer points, each gets a mark
  std::vector<std::string> keys;
  for (const auto& curve : curves) keys.push_back(curve.key);
  const auto series = read_metrics(run, keys);
  for (size_t i = 0; i < curves.size(); ++i) {
    if (series[i].values.empty()) continue;  // without previews
    plot.series.push_back({.name = curves[i].name,
                           .x = series[i].steps,
                           .y = series[i].values,
                           .marks = series[i].steps.size() < kFewPoints});
  }
  write_figure(run.file("loss"), draw_line_plot(plot), formats);
}

}  // namespace patronus
