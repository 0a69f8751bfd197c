#include "patronus/analysis/emergence.h"

#include <ATen/Functions.h>
#include <ATen/core/Tensor.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

#include "patronus/analysis/grid_rows.h"
#include "patronus/analysis/record.h"
#include "patronus/analysis/settings_json.h"
#include "patronus/core/to_vector.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/canvas.h"
#include "patronus/io/figure.h"
#include "patronus/io/json_text.h"
#include "patronus/io/plot.h"

namespace patronus {
namespace {

/// What is told of the prototype in a row: t at which shares of the final difference are there, and more.
Record prototype_record(const Emergence& e, int64_t row, const PrototypeNames& names) {
  const int64_t k = e.prototypes[row];
  const EmergenceState state = e.states[row];
  const Estimates times = e.time.row(row);
  const Record when =
      known_if(state == EmergenceState::kEmerges, {{"t10", times[0], "t10", 0},
                                                   {"t50", times[1], "t50", 0},
                                                   {"t90", times[2], "t90", 0},
                                                   {"decided", e.decided[row], "decided", 0},
                                                   {"cycles_a_side", e.centroid[row], "cycles a side", 2}});
  const Record what{{"prototype", k},
                    {"name", names.name(k)},
                    shown("prototype", names.label(k)),
                    {"state", to_string(state), "state"},
                    {"images", e.counted[row].item<double>(), "images", 0},
                    {"asked", e.target_change[row].item<double>(), "asked", 2},
                    {"difference", e.difference.row(row)[-1], "difference at the end", 2}};
  return concat(what, when);
}

/// The first ones first.
std::vector<Record> prototype_records(const Emergence& e, const PrototypeNames& names) {
  std::vector<Record> records;
  for (const int64_t row : e.order) records.push_back(prototype_record(e, row, names));
  return records;
}

Record relation_record(const RankRelation& relation) {
  return {{"spearman", relation.spearman},
          {"low", relation.low},
          {"high", relation.high},
          {"prototypes", relation.prototypes}};
}

std::string relation_text(const std::string& time, const RankRelation& relation) {
  const std::string count = std::to_string(relation.prototypes) + " prototypes that emerge";
  if (!std::isfinite(relation.spearman)) return "Too few for a rank correlation: " + count + ".";
  return "Spearman's correlation of " + time + " with the spatial frequency of the change, over the " +
         count + ": " + fixed(relation.spearman, 2) + " (" + fixed(relation.low, 2) + " to " +
         fixed(relation.high, 2) + "). " +
         (relation.high < 0  ? "Coarse changes come first."
          : relation.low > 0 ? "Fine changes come first."
                             : "No relation is shown.");
}

/// The t at which the loss with another image's activations is largest against that with the own ones.
std::string condition_text(const Emergence& e) {
  const int64_t most = e.cost.value.select(1, 0).argmax().item<int64_t>();
  const auto used = e.cost.low.select(1, 0) > 1;
  return "Another image's activations raise the denoising loss most at t = " +
         std::to_string(e.timesteps[most]) + ", by a factor of " + estimate_text(e.cost.row(most)[0], 2) +
         "; the interval lies above 1 at " + std::to_string(used.sum().item<int64_t>()) + " of " +
         std::to_string(e.timesteps.size()) + " timesteps.";
}

/// A row a prototype and step: mean difference with its interval, standard deviation, share of the final one.
Table curve_table(const Emergence& e, const PrototypeNames& names) {
  std::vector<Record> rows;
  for (const int64_t row : e.order) {
    const int64_t k = e.prototypes[row];
    const Estimates differences = e.difference.row(row), shares = e.share.row(row);
    for (int64_t step = 0; step < std::ssize(e.timesteps); ++step) {
      const Estimate difference = differences[step];
      rows.push_back({{"prototype", k},
                      {"name", names.name(k)},
                      {"timestep", e.timesteps[step]},
                      {"mean", difference.value},
                      {"sd", e.deviation[row][step].item<double>()},
                      {"low", difference.low},
                      {"high", difference.high},
                      {"share", shares[step]}});
    }
  }
  return record_table(rows);
}

/// A row a prototype and late start: the share of the final difference that is still brought about.
Table late_table(const Emergence& e, const PrototypeNames& names) {
  std::vector<Record> rows;
  for (const int64_t row : e.order) {
    const int64_t k = e.prototypes[row];
    const Estimates shares = e.late.row(row);
    for (int64_t s = 0; s < std::ssize(e.starts); ++s) {
      rows.push_back(
          {{"prototype", k}, {"name", names.name(k)}, {"start", e.starts[s]}, {"share", shares[s]}});
    }
  }
  return record_table(rows);
}

/// A row a step: losses with own, another image's and mean activations, and how much larger the latter are.
Table condition_table(const Emergence& e) {
  std::vector<Record> rows;
  for (int64_t s = 0; s < std::ssize(e.timesteps); ++s) {
    const Estimates loss = e.loss.row(s), cost = e.cost.row(s);
    rows.push_back({{"timestep", e.timesteps[s]},
                    {"loss_own", loss[0]},
                    {"loss_shuffled", loss[1]},
                    {"loss_mean", loss[2]},
                    {"shuffled_over_own", cost[0]},
                    {"mean_over_own", cost[1]}});
  }
  return record_table(rows);
}

/// All of it but the curves.
Json emergence_json(const Emergence& e, const PrototypeNames& names) {
  return {{"timesteps", e.timesteps},
          {"starts", e.starts},
          {"t50_and_frequency", record_json(relation_record(e.frequency))},
          {"decided_and_frequency", record_json(relation_record(e.decision))},
          {"prototypes", records_json(prototype_records(e, names))}};
}

/// All of it in words and tables to read.
std::string emergence_markdown(const Emergence& e, const PrototypeNames& names) {
  return "# When prototypes emerge\n\nEvery prototype raised to its plausible maximum in " +
         std::to_string(e.images) +
         " images; t at which a tenth, half and nine tenths of the final difference of its "
         "activation in the estimated clean image are there to stay, and t at which it is decided: of "
         "an edit that begins later, more than half is lost. With 95 % intervals.\n\n" +
         record_markdown(prototype_records(e, names)) + "\n" + relation_text("t50", e.frequency) + "\n\n" +
         relation_text("the t of decision", e.decision) + "\n\n" + condition_text(e) + "\n";
}

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
    if (std::find(shown.begin(), shown.end(), row) != shown.end()) continue;
    plot.series.push_back({.x = by.x, .y = to_vector(by.curve.value[row]), .faint = true});
  }
}

/// Mean difference by t, with one standard deviation of the images to either side (Fig. 9), the same way as
/// below, but of three prototypes: deviations are wide.
Canvas draw_difference(const Emergence& e, const PrototypeNames& names) {
  LinePlot plot{.title = "What raising a prototype changes in its activation, mean and standard deviation",
                .x_label = kTimeLabel,
                .y_label = "activation raised less unraised",
                .falling_x = true};
  const auto& mean = e.difference.value;
  const Estimates curves{mean, mean - e.deviation, mean + e.deviation};
  add_curves_by(plot, e, names, {curves, times_of(e.timesteps), e.time.value.select(1, 1), "t50", 3});
  return draw_line_plot(plot);
}

/// Share of the final difference by t (Fig. 9): at most six prototypes from first to last in the order in
/// which they emerge, with bands of their intervals; the others pale.
Canvas draw_emergence(const Emergence& e, const PrototypeNames& names) {
  LinePlot plot{.title = "When prototypes show in the estimated image",
                .x_label = kTimeLabel,
                .y_label = "share of the final difference",
                .falling_x = true,
                .from_zero = true};
  add_curves_by(plot, e, names, {e.share, times_of(e.timesteps), e.time.value.select(1, 1), "t50"});
  return draw_line_plot(plot);
}

/// Share of the final difference that an edit still brings about which begins only at t, the same way.
Canvas draw_decided(const Emergence& e, const PrototypeNames& names) {
  LinePlot plot{.title = "When prototypes are decided",
                .x_label = "t at which the edit begins",
                .y_label = "share of the final difference",
                .falling_x = true,
                .from_zero = true};
  add_curves_by(plot, e, names, {e.late, times_of(e.starts), e.decided.value, "half lost at t"});
  return draw_line_plot(plot);
}

/// When each prototype that emerges is decided against the spatial frequency of what it changes.
Canvas draw_frequency(const Emergence& e) {
  const auto& f = e.decision;
  LinePlot plot{.title = "Spearman " + fixed(f.spearman, 2) + " (" + fixed(f.low, 2) + " to " +
                         fixed(f.high, 2) + "), " + std::to_string(f.prototypes) + " prototypes",
                .x_label = "mean spatial frequency of what the edit changes, cycles a side",
                .y_label = "t at which it is decided",
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

/// Denoising loss by t with own, another image's and mean activations.
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

/// Number `i` of the strips: the estimates of the clean image without and with the raised prototype, and
/// below them its activation in both (Fig. 12 to 15).
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

nlohmann::ordered_json emergence_settings(const TrainedModel& trained, const EmergenceOptions& options,
                                          int64_t images) {
  nlohmann::ordered_json json = model_json(trained);
  json["images"] = images;
  add_settings(json, options.regenerate);
  add_settings(json, options.range);
  return json;
}

}  // namespace

void write_emergence(const std::filesystem::path& folder, const TrainedModel& trained, const Emergence& e,
                     const EmergenceStrips& strips, const EmergenceOptions& options) {
  const PrototypeNames& names = trained.names;
  const auto& formats = trained.config.runtime.figures;
  for (size_t i = 0; i < strips.rows.size(); ++i) {
    const int64_t prototype = e.prototypes[strips.rows[i]];
    write_figure(folder / ("strip-" + padded(prototype, 3)),
                 draw_strip(e, strips, static_cast<int64_t>(i), names), formats);
  }
  write_figure(folder / "difference", draw_difference(e, names), formats);
  write_figure(folder / "emergence", draw_emergence(e, names), formats);
  write_figure(folder / "decided", draw_decided(e, names), formats);
  write_figure(folder / "frequency", draw_frequency(e), formats);
  write_figure(folder / "condition", draw_condition_use(e), formats);
  write_csv(folder / "emergence.csv", curve_table(e, names));
  write_csv(folder / "decided.csv", late_table(e, names));
  write_csv(folder / "prototypes.csv", record_table(prototype_records(e, names)));
  write_csv(folder / "condition.csv", condition_table(e));
  auto json = emergence_settings(trained, options, e.images);
  json.update(emergence_json(e, names));
  write_file(folder / "emergence.json", json_text(json));
  write_file(folder / "emergence.md", emergence_markdown(e, names));
}

}  // namespace patronus
