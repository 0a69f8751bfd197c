#include "analysis/latent_figures.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <tuple>

#include "patronus/io/density.h"
#include "patronus/io/heat_map.h"
#include "patronus/io/plot.h"
#include "patronus/io/table.h"
#include "patronus/metrics/two_samples.h"

namespace patronus {
namespace {

Canvas draw_histogram(const LatentReport& report, int64_t prototype, bool legend) {
  const auto train = report.train.select(1, prototype), drawn = report.drawn.select(1, prototype);
  const auto both = at::cat({train, drawn});
  const double low = both.min().item<double>(), high = std::max(both.max().item<double>(), low + 1e-6);
  const auto named = [&](const char* name) { return legend ? std::string(name) : std::string(); };
  return draw_line_plot(
      {.series = {density(named("training"), train, low, high), density(named("latent"), drawn, low, high)},
       .title = "prototype " + std::to_string(prototype) + ", KS " +
                fixed(report.model.ks[prototype].item<double>(), 3),
       .x_label = "activation",
       .y_label = "density",
       .width = 400,
       .height = 280});
}

}  // namespace

Canvas draw_histograms(const LatentReport& report) {
  constexpr int64_t kShown = 12, kColumns = 4;
  const auto order = report.model.ks.argsort(0, /*descending=*/true);
  const int64_t shown = std::min(kShown, order.size(0));
  Grid grid{.title = "Activations of training images and of the latent model, the least alike first"};
  for (int64_t i = 0; i < shown; ++i) {
    if (i % kColumns == 0) grid.rows.emplace_back();
    grid.rows.back().push_back(draw_histogram(report, order[i].item<int64_t>(), i == 0));
  }
  return draw_grid(grid);
}

Canvas draw_correlations(const LatentReport& report) {
  const auto train = correlations(report.train), drawn = correlations(report.drawn);
  const auto leading = std::get<1>(at::linalg_eigh(train)).select(1, -1);
  const auto order = leading.argsort();
  const auto colors = [&](const at::Tensor& r) {
    return heat_colors(((1 + r) / 2).index_select(0, order).index_select(1, order).to(at::kFloat));
  };
  return draw_grid({.rows = {{colors(train), colors(drawn), colors(drawn - train)}},
                    .column_labels = {"training images", "latent model", "difference"},
                    .title = "Correlations between prototypes: -1 dark, 0 red, 1 light",
                    .cell_size = 400});
}

}  // namespace patronus
