#include "analysis/draw_emergence.h"

#include <algorithm>
#include <cmath>

#include "patronus/analysis/grid_rows.h"
#include "patronus/core/contains.h"
#include "patronus/core/text.h"
#include "patronus/core/to_vector.h"
#include "patronus/figures/line_plot.h"
#include "patronus/run/record.h"

namespace patronus {
namespace {

const char* const kTimeLabel = "t: from noise to image";

std::vector<double> times_of(const std::vector<int64_t>& timesteps) {
  return {timesteps.begin(), timesteps.end()};
}

/// Rows of the prototypes that emerge, the first ones first.
std::vector<int64_t> emerging(const Emergence& e) {
  std::vector<int64_t> rows;
  for (const int64_t row : e.order) {
    if (e.states[row] == EmergenceState::kEmerges) rows.push_back(row);
  }
  return rows;
}

/// At most `count` of them, evenly from first to last.
std::vector<int64_t> spread(const std::vector<int64_t>& rows, size_t count) {
  if (rows.size() <= count) return rows;
  std::vector<int64_t> some;
  for (size_t i = 0; i < count; ++i) some.push_back(rows[i * (rows.size() - 1) / (count - 1)]);
  return some;
}

/// In the place of curves.
std::string nothing_to_draw(const Emergence& e) {
  const auto is_known = [](EmergenceState state) {
    return state != EmergenceState::kTooFewImages && state != EmergenceState::kCannotBeRaised;
  };
  const bool too_few =
      contains(e.states, EmergenceState::kTooFewImages) && std::ranges::none_of(e.states, is_known);
  return too_few ? "too few images" : "no prototype emerges";
}

std::string label_of(const Emergence& e, int64_t row, const PrototypeNames& names) {
  return names.label(e.prototypes[row]);
}

/// Curves of the prototypes [K, N] over `x`, and the t by which they are told apart.
struct CurvesByTime {
  const Estimates& curve;
  std::vector<double> x;
  at::Tensor t;  // [K]
  std::string t_name;
  size_t most = 6;  // that are drawn with bands
};

/// Curves of some prototypes from first to last by `t`, with bands; the others pale.
void add_curves_by(LinePlot& plot, const Emergence& e, const PrototypeNames& names, const CurvesByTime& by) {
  auto rows = emerging(e);
  std::stable_sort(rows.begin(), rows.end(),
                   [&](int64_t a, int64_t b) { return by.t[a].item<double>() > by.t[b].item<double>(); });
  const auto shown = spread(rows, by.most);
  for (const int64_t row : shown) {
    const std::string label =
        label_of(e, row, names) + ", " + by.t_name + " " + fixed(by.t[row].item<double>(), 0);
    plot.series.push_back({.name = label,
                           .x = by.x,
                           .y = to_vector(by.curve.value[row]),
                           .low = to_vector(by.curve.low[row]),
                           .high = to_vector(by.curve.high[row])});
  }
  for (const int64_t row : rows) {
    if (contains(shown, row)) continue;
    plot.series.push_back({.x = by.x, .y = to_vector(by.curve.value[row]), .faint = true});
  }
}

}  // namespace

std::string relation_text(const RankRelation& relation) {
  const std::string prototypes = ", " + std::to_string(relation.prototypes) + " prototypes";
  if (!std::isfinite(relation.spearman.value))
    return "Too few, or all alike, for a rank correlation" + prototypes;
  return "Spearman " + estimate_text(relation.spearman, 2) + prototypes;
}

Canvas draw_difference(const Emergence& e, const PrototypeNames& names) {
  LinePlot plot{.title = "What raising a prototype changes in its activation, mean and standard deviation",
                .x_label = kTimeLabel,
                .y_label = "activation raised less unraised",
                .empty = nothing_to_draw(e),
                .falling_x = true};
  const auto& mean = e.difference.value;
  const Estimates curves{mean, mean - e.deviation, mean + e.deviation};
  add_curves_by(plot, e, names, {curves, times_of(e.timesteps), e.time.value.select(1, 1), "t50", 3});
  return draw_line_plot(plot);
}

Canvas draw_emergence(const Emergence& e, const PrototypeNames& names) {
  LinePlot plot{.title = "When prototypes show in the estimated image",
                .x_label = kTimeLabel,
                .y_label = "share of the final difference",
                .empty = nothing_to_draw(e),
                .falling_x = true,
                .from_zero = true};
  add_curves_by(plot, e, names, {e.share, times_of(e.timesteps), e.time.value.select(1, 1), "t50"});
  return draw_line_plot(plot);
}

Canvas draw_decided(const Emergence& e, const PrototypeNames& names) {
  LinePlot plot{.title = "When prototypes are decided",
                .x_label = "t at which the edit begins",
                .y_label = "share of the final difference",
                .empty = nothing_to_draw(e),
                .falling_x = true,
                .from_zero = true};
  add_curves_by(plot, e, names, {e.late, times_of(e.starts), e.decided.value, "half lost at t"});
  return draw_line_plot(plot);
}

Canvas draw_frequency(const Emergence& e) {
  LinePlot plot{.title = relation_text(e.decision),
                .x_label = "mean spatial frequency of what the edit changes, cycles a side",
                .y_label = "t at which it is decided",
                .empty = nothing_to_draw(e),
                .width = 640,
                .height = 480};
  Series points{.dots = true};
  for (const int64_t row : emerging(e)) {
    points.x.push_back(e.centroid.value[row].item<double>());
    points.y.push_back(e.decided.value[row].item<double>());
  }
  plot.series.push_back(std::move(points));
  return draw_line_plot(plot);
}

Canvas draw_condition_use(const Emergence& e) {
  LinePlot plot{.title = "Where in t the condition is used",
                .x_label = kTimeLabel,
                .y_label = "denoising loss",
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
                .height = 300};
  return draw_grid({.rows = {{strip}, {draw_line_plot(plot)}}});
}

}  // namespace patronus
