#include "analysis/draw_emergence.h"

#include <algorithm>
#include <cmath>

#include "patronus/analysis/grid_rows.h"
#include "patronus/core/contains.h"
#include "patronus/core/evenly_spaced.h"
#include "patronus/core/text.h"
#include "patronus/core/to_vector.h"
#include "patronus/figures/line_plot.h"
#include "patronus/run/record.h"

namespace patronus {
namespace {

const char* const kTimeLabel = "t: from noise to image";
constexpr double kMaxShare = 2;  // upper limit of interval bands: few images may give far wider ones
const char* const kInterval = "95 % interval";

std::vector<double> times_of(const std::vector<int64_t>& timesteps) {
  return {timesteps.begin(), timesteps.end()};
}

/// Rows of the prototypes that emerge, in the order in which they do.
std::vector<int64_t> emerging(const Emergence& e) {
  std::vector<int64_t> rows;
  for (const int64_t row : e.order) {
    if (e.states[row] == EmergenceState::kEmerges) rows.push_back(row);
  }
  return rows;
}

/// At most `count` of `rows`, evenly spaced from the first to the last.
std::vector<int64_t> spread(const std::vector<int64_t>& rows, int64_t count) {
  std::vector<int64_t> some;
  for (const int64_t i : evenly_spaced(std::ssize(rows), count)) some.push_back(rows[i]);
  return some;
}

/// Text shown in place of curves if no prototype emerges.
std::string nothing_to_draw(const Emergence& e) {
  const auto is_known = [](EmergenceState state) {
    return state != EmergenceState::kTooFewImages && state != EmergenceState::kCannotBeRaised;
  };
  const bool too_few =
      contains(e.states, EmergenceState::kTooFewImages) && std::ranges::none_of(e.states, is_known);
  return too_few ? "too few images" : "no prototype emerges";
}

std::string label_of(const Emergence& e, int64_t row, const PrototypeNames& names) {
  return "prototype " + names.label(e.prototypes[row]);
}

/// Rows of the prototypes that have a colour, the same in all figures: at most six of those that emerge,
/// evenly spaced in their order.
std::vector<int64_t> colored(const Emergence& e) {
  return spread(emerging(e), 6);
}

std::vector<int64_t> others(const Emergence& e) {
  auto rows = emerging(e);
  std::erase_if(rows, [shown = colored(e)](int64_t row) { return contains(shown, row); });
  return rows;
}

/// Adds curves [K, N] over `x` of the prototypes that emerge: those of `colored` in colour, at most `bands`
/// of them with a band; the others faint.
void add_curves(LinePlot& plot, const Emergence& e, const PrototypeNames& names, const Estimates& curve,
                const std::vector<double>& x, int64_t bands = kColors) {
  const auto shown = colored(e), with_bands = spread(shown, bands);
  for (const int64_t row : shown) {
    plot.series.push_back({.name = label_of(e, row, names), .x = x, .y = to_vector(curve.value[row])});
    if (!contains(with_bands, row)) continue;
    plot.series.back().low = to_vector(curve.low[row]);
    plot.series.back().high = to_vector(curve.high[row]);
  }
  for (const int64_t row : others(e)) {
    const char* const name = plot.series.back().faint ? "" : "others";
    plot.series.push_back({.name = name, .x = x, .y = to_vector(curve.value[row]), .faint = true});
  }
}

}  // namespace

std::string rank_correlation_text(const RankCorrelation& relation) {
  const std::string prototypes = ", " + std::to_string(relation.prototypes) + " prototypes";
  if (!std::isfinite(relation.spearman.value))
    return "Too few, or all alike, for a rank correlation" + prototypes;
  return "Spearman " + estimate_text(relation.spearman, 2) + prototypes;
}

Canvas draw_difference(const Emergence& e, const PrototypeNames& names) {
  constexpr int64_t kBands = 3;
  LinePlot plot{.title = "What raising a prototype changes in its activation",
                .x_label = kTimeLabel,
                .y_label = "activation raised less unraised",
                .bands = "± sd, of three",
                .empty = nothing_to_draw(e),
                .falling_x = true};
  const auto& mean = e.difference.value;
  add_curves(plot, e, names, {mean, mean - e.deviation, mean + e.deviation}, times_of(e.timesteps), kBands);
  return draw_line_plot(plot);
}

Canvas draw_emergence(const Emergence& e, const PrototypeNames& names) {
  LinePlot plot{.title = "When prototypes show in the estimated image",
                .x_label = kTimeLabel,
                .y_label = "share of the final difference",
                .bands = kInterval,
                .bands_end = kMaxShare,
                .empty = nothing_to_draw(e),
                .falling_x = true,
                .from_zero = true};
  add_curves(plot, e, names, e.share, times_of(e.timesteps));
  return draw_line_plot(plot);
}

Canvas draw_decided(const Emergence& e, const PrototypeNames& names) {
  LinePlot plot{.title = "When prototypes are decided",
                .x_label = "t at which the edit begins",
                .y_label = "share of the final difference",
                .bands = kInterval,
                .bands_end = kMaxShare,
                .empty = nothing_to_draw(e),
                .falling_x = true,
                .from_zero = true};
  add_curves(plot, e, names, e.late, times_of(e.starts));
  for (auto& curve : plot.series) curve.marks = !curve.faint;  // between the starts nothing was measured
  return draw_line_plot(plot);
}

Canvas draw_frequency(const Emergence& e, const PrototypeNames& names) {
  LinePlot plot{.title = rank_correlation_text(e.decision),
                .x_label = "mean spatial frequency of what the edit changes, cycles a side",
                .y_label = "t at which it is decided",
                .empty = nothing_to_draw(e)};
  const auto points = [&](const std::string& name, const std::vector<int64_t>& rows) {
    const auto index = at::tensor(rows);
    return Series{.name = name,
                  .x = to_vector(e.centroid.value.index_select(0, index)),
                  .y = to_vector(e.decided.value.index_select(0, index)),
                  .dots = true};
  };
  for (const int64_t row : colored(e)) plot.series.push_back(points(label_of(e, row, names), {row}));
  if (const auto rows = others(e); !rows.empty()) {
    plot.series.push_back(points("others", rows));
    plot.series.back().faint = true;
  }
  return draw_line_plot(plot);
}

Canvas draw_condition_use(const Emergence& e) {
  LinePlot plot{.title = "Where in t the condition is used",
                .x_label = kTimeLabel,
                .y_label = "denoising loss",
                .bands = kInterval,
                .log_y = true,
                .falling_x = true};
  const char* const kNames[] = {"own activations", "another image's", "mean activations"};
  for (int64_t i = 0; i < 3; ++i) {
    plot.series.push_back({.name = kNames[i],
                           .x = times_of(e.timesteps),
                           .y = to_vector(e.loss.value.select(1, i)),
                           .low = to_vector(e.loss.low.select(1, i)),
                           .high = to_vector(e.loss.high.select(1, i))});
  }
  return draw_line_plot(plot);
}

Canvas draw_strip(const Emergence& e, const EmergenceStrips& strips, int64_t i, const PrototypeNames& names) {
  const std::string file = strips.files[i];
  Grid pictures{.title = label_of(e, strips.rows[i], names) + " raised in " + file};
  RowWriter rows(pictures);
  const auto add_row = [&](const std::string& label, const at::Tensor& row) {
    rows.begin_row(label);
    for (int64_t m = 0; m < row.size(0); ++m) rows.add(row[m]);
  };
  add_row("original", strips.original[i]);
  add_row("raised", strips.raised[i]);
  for (const int64_t step : strips.shown) {
    pictures.column_labels.push_back("t " + std::to_string(e.timesteps[step]));
  }
  const Canvas strip = draw_grid(pictures);
  LinePlot plot{.series = {{.name = "original", .x = times_of(e.timesteps), .y = to_vector(strips.before[i])},
                           {.name = "raised", .x = times_of(e.timesteps), .y = to_vector(strips.after[i])}},
                .x_label = kTimeLabel,
                .y_label = "activation",
                .falling_x = true,
                .width = strip.width(),
                .height = 260};
  return draw_grid({.rows = {{strip}, {draw_line_plot(plot)}}});
}

}  // namespace patronus
