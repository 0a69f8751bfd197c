#include "patronus/training/loss_curve.h"

#include "patronus/io/line_plot.h"
#include "patronus/training/metrics_log.h"

namespace patronus {

void draw_loss_curve(const RunDirectory& run, const std::vector<LossCurve>& curves,
                     const std::vector<FigureFormat>& formats) {
  LinePlot plot{.series = {},
                .title = run.path().filename().string(),
                .x_label = "step",
                .y_label = "denoising loss",
                .log_y = true};
  for (const auto& [key, name] : curves) {
    MetricSeries series = read_metric(run, key);
    plot.series.push_back({name, std::move(series.steps), std::move(series.values)});
  }
  write_figure(run.file("loss"), draw_line_plot(plot), formats);
}

}  // namespace patronus
