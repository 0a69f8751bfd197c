#include "evaluation/evaluation_figures.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <functional>
#include <limits>

#include "patronus/io/bar_plot.h"
#include "patronus/io/density.h"
#include "patronus/io/plot.h"
#include "patronus/io/table.h"
#include "patronus/metrics/pca.h"

namespace patronus {
namespace {

constexpr int64_t kMostAttributes = 12;
constexpr int64_t kColumns = 3;

/// Rows of `x` of the images with, or without, attribute `a`.
at::Tensor rows_where(const Representation& r, const at::Tensor& x, int64_t a, bool has) {
  return x.index({r.attributes.values.select(1, a) == static_cast<int64_t>(has)});
}

/// One small plot for each of the first attributes.
Canvas small_plots(const Representation& r, const std::string& title,
                   const std::function<Canvas(int64_t a)>& draw) {
  Grid grid{.title = title};
  const auto attributes = static_cast<int64_t>(r.attributes.names.size());
  for (int64_t a = 0; a < std::min(kMostAttributes, attributes); ++a) {
    if (a % kColumns == 0) grid.rows.emplace_back();
    grid.rows.back().push_back(draw(a));
  }
  return draw_grid(grid);
}

Bars probe_bars(const RepresentationScores& scores) {
  Bars bars{.name = scores.name};
  for (int64_t a = 0; a < scores.probe.auroc.size(1); ++a) {
    const MeanOverFolds auroc = attribute_auroc(scores.probe, a);
    bars.values.push_back(auroc.folds > 0 ? auroc.mean : std::numeric_limits<double>::quiet_NaN());
    bars.deviations.push_back(auroc.deviation);
  }
  return bars;
}

LinePlot small_plot(const Representation& r, int64_t a) {
  return {.title = r.attributes.names[static_cast<size_t>(a)], .width = 420, .height = 300};
}

}  // namespace

Canvas draw_attribute_bars(const Representation& r) {
  BarPlot plot{.categories = r.attributes.names,
               .title = "What linear probes read off a representation",
               .x_label = "AUROC, five folds",
               .start = 0.5};
  for (const auto& scores : r.scores) plot.series.push_back(probe_bars(scores));
  return draw_bar_plot(plot);
}

Canvas draw_score_distributions(const Representation& r) {
  return small_plots(r, "Activation of the prototype that tells an attribute best", [&](int64_t a) {
    const AttributeCapture& capture = r.captures[static_cast<size_t>(a)];
    const auto score = r.activation.select(1, capture.prototype);
    const double low = score.min().item<double>(), high = std::max(score.max().item<double>(), low + 1e-6);
    LinePlot plot = small_plot(r, a);
    plot.series = {density(a == 0 ? "with" : "", rows_where(r, score, a, true), low, high),
                   density(a == 0 ? "without" : "", rows_where(r, score, a, false), low, high)};
    plot.x_label = "activation of prototype " + std::to_string(capture.prototype) + ", AUROC " +
                   fixed(capture.positive_auroc, 2);
    return draw_line_plot(plot);
  });
}

Canvas draw_components(const Representation& r) {
  constexpr int64_t kMostImages = 1000;
  const Pca pca = fit_pca(r.activation, std::min<int64_t>(2, r.activation.size(1)));
  const auto projected = pca.projected(r.activation.slice(0, 0, kMostImages));
  Representation shown = r;
  shown.attributes.values = r.attributes.values.slice(0, 0, kMostImages);
  return small_plots(r, "Activations on their two principal components", [&](int64_t a) {
    LinePlot plot = small_plot(r, a);
    for (const bool has : {true, false}) {
      const auto rows = rows_where(shown, projected, a, has);
      plot.series.push_back({.name = a == 0 ? (has ? "with" : "without") : "",
                             .x = numbers(rows.select(1, 0)),
                             .y = numbers(rows.select(1, rows.size(1) - 1)),
                             .dots = true});
    }
    return draw_line_plot(plot);
  });
}

}  // namespace patronus
