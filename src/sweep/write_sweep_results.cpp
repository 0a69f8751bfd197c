#include <algorithm>
#include <cmath>

#include "patronus/core/log.h"
#include "patronus/core/text.h"
#include "patronus/core/unknown.h"
#include "patronus/figures/bar_plot.h"
#include "patronus/figures/figure.h"
#include "patronus/figures/grid.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/image.h"
#include "patronus/io/markdown.h"
#include "patronus/run/record.h"
#include "patronus/sweep/sweep_results.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// Number of the row's seeds whose points are done.
int64_t seeds_done(const SweepRow& row, const SweepResults& results) {
  return std::count_if(row.points.begin(), row.points.end(), [&](size_t p) { return results.done[p]; });
}

/// "0.612 ± 0.021": rounds the mean to two significant digits of its deviation; without deviation, to four.
std::string mean_and_deviation(const MeanOver& m) {
  constexpr double kSmallest = 1e-5;
  if (!std::isfinite(m.deviation)) return format_significant(m.mean, 4);
  if (m.deviation < kSmallest)
    return format_significant(m.mean, 4) + " ± " + format_significant(m.deviation, 2);
  const int digits = std::max(0, 1 - static_cast<int>(std::floor(std::log10(m.deviation))));
  return format_fixed(m.mean, digits) + " ± " + format_fixed(m.deviation, digits);
}

/// The same, followed by "(1 of 2 seeds)" if some `done` points lack a number.
std::string mean_text(const MeanOver& m, int64_t done) {
  if (m.count == 0) return "-";
  return mean_and_deviation(m) +
         (m.count < done ? " (" + std::to_string(m.count) + " of " + std::to_string(done) + " seeds)" : "");
}

/// Number of seeds done, of how many: "3", "2 of 3".
std::string seeds_text(const SweepRow& row, const SweepResults& results) {
  const auto done = seeds_done(row, results);
  const std::string all = std::to_string(row.points.size());
  return done == std::ssize(row.points) ? all : std::to_string(done) + " of " + all;
}

/// The `values` of the sweep's keys for a point or a row.
Record settings_record(const SweepPlan& sweep, const std::vector<std::string>& values) {
  Record record;
  for (size_t k = 0; k < values.size(); ++k) record.push_back({sweep.keys[k], values[k]});
  return record;
}

/// Whether any row averages over several seeds.
bool has_deviations(const SweepResults& results) {
  return std::ranges::any_of(results.rows, [](const SweepRow& row) {
    return std::ranges::any_of(row.means, [](const MeanOver& m) { return std::isfinite(m.deviation); });
  });
}

/// Bar chart of one column.
Canvas draw_column(const SweepResults& results, size_t column, const std::string& name) {
  BarPlot plot{.title = name, .start = 0, .end = 0, .label_width = 260};
  Bars bars;
  for (const auto& row : results.rows) {
    const MeanOver& m = row.means[column];
    const double deviation = std::isfinite(m.deviation) ? m.deviation : 0;
    plot.categories.push_back(row.name);
    bars.values.push_back(m.count > 0 ? m.mean : kNaN);
    bars.deviations.push_back(deviation);
    if (m.count == 0) continue;
    plot.start = std::min(plot.start, m.mean - deviation);
    plot.end = std::max(plot.end, m.mean + deviation);
  }
  if (plot.start == plot.end) plot.end = plot.start + 1;
  plot.series = {bars};
  return draw_bar_plot(plot);
}

/// Pictures per row; limits the width of the grid.
int64_t pictures_in_a_row(const at::Tensor& picture) {
  constexpr int64_t kMax = 4, kWidth = 4500;
  return std::clamp<int64_t>(kWidth / picture.size(2), 1, kMax);
}

void write_picture(const SweepPlan& sweep, const SweepResults& results, const SweepPicture& picture,
                   const fs::path& folder) {
  Grid grid;
  std::vector<std::string> missing;
  for (size_t p = 0; p < sweep.points.size(); ++p) {
    const fs::path file = folder / sweep.points[p].name / picture.file;
    if (!results.done[p]) continue;
    if (!fs::exists(file)) {
      missing.push_back(sweep.points[p].name);
      continue;
    }
    const auto pixels = read_image(file);
    if (grid.rows.empty() || std::ssize(grid.rows.back()) >= pictures_in_a_row(pixels)) {
      grid.rows.emplace_back();
    }
    grid.rows.back().push_back(
        draw_grid({.rows = {{pixels}}, .title = sweep.points[p].name, .cell_size = 1}));
  }
  if (!missing.empty())
    log_warning("picture " + picture.name + ": there is no " + picture.file + " of " + join(missing));
  if (!grid.rows.empty())
    write_figure(folder / picture.name, draw_grid(grid), sweep.points.back().config.runtime.figures);
}

}  // namespace

Table sweep_points_table(const SweepPlan& sweep, const SweepResults& results) {
  std::vector<Record> rows;
  for (size_t p = 0; p < sweep.points.size(); ++p) {
    const SweepPoint& point = sweep.points[p];
    Record row = settings_record(sweep, point.values);
    row.insert(row.end(), {{"seed", point.seed}, {"run", point.name}, {"done", bool{results.done[p]}}});
    for (size_t c = 0; c < sweep.columns.size(); ++c)
      row.push_back({sweep.columns[c].name, results.numbers[p][c]});
    rows.push_back(row);
  }
  return record_table(rows);
}

Table sweep_table(const SweepPlan& sweep, const SweepResults& results) {
  std::vector<Record> rows;
  for (const auto& row : results.rows) {
    rows.push_back(concat({{"settings", row.name}}, settings_record(sweep, row.values)));
    for (size_t c = 0; c < sweep.columns.size(); ++c) {
      const std::string& name = sweep.columns[c].name;
      rows.back().insert(rows.back().end(), {{name, row.means[c]}, {name + " seeds", row.means[c].count}});
    }
  }
  return record_table(rows);
}

std::string sweep_markdown(const SweepPlan& sweep, const SweepResults& results) {
  const auto done = std::count(results.done.begin(), results.done.end(), true);
  std::string text = "# " + sweep.name + "\n\n" + std::to_string(done) + " of " +
                     std::to_string(results.done.size()) +
                     " points are done. Mean ± sample standard deviation over seeds.\n\n";
  std::vector<Record> rows;
  for (const auto& row : results.rows) {
    rows.push_back({shown("settings", row.name), shown("seeds", seeds_text(row, results))});
    for (size_t c = 0; c < sweep.columns.size(); ++c)
      rows.back().push_back(shown(sweep.columns[c].name, mean_text(row.means[c], seeds_done(row, results))));
  }
  text += record_markdown(rows) + "\nThe numbers are from\n\n";
  for (const auto& column : sweep.columns)
    text += "- " + column.name + ": `" + column.file + "#" + column.pointer + "`\n";
  return text;
}

Canvas draw_sweep(const SweepPlan& sweep, const SweepResults& results) {
  constexpr int64_t kColumns = 2;
  std::vector<Picture> plots;
  for (size_t c = 0; c < sweep.columns.size(); ++c)
    plots.push_back(draw_column(results, c, sweep.columns[c].name));
  Grid grid = make_grid(plots, kColumns);
  if (has_deviations(results)) grid.title = "Mean and sample standard deviation over seeds";
  return draw_grid(grid);
}

void write_sweep_results(const SweepPlan& sweep, const fs::path& folder) {
  const SweepResults results = read_sweep_results(sweep, folder);
  write_csv(folder / "points.csv", sweep_points_table(sweep, results));
  if (!sweep.columns.empty()) {
    write_csv(folder / "sweep.csv", sweep_table(sweep, results));
    write_file(folder / "sweep.md", sweep_markdown(sweep, results));
    write_figure(folder / "sweep", draw_sweep(sweep, results), sweep.points.back().config.runtime.figures);
  }
  for (const auto& picture : sweep.pictures) write_picture(sweep, results, picture, folder);
}

}  // namespace patronus
