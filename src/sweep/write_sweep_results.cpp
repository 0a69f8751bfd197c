#include <algorithm>
#include <cmath>
#include <cstdio>

#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/bar_plot.h"
#include "patronus/io/figure.h"
#include "patronus/io/grid.h"
#include "patronus/io/image.h"
#include "patronus/io/markdown.h"
#include "patronus/sweep/sweep_results.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// Seeds of the row whose points are done.
int64_t seeds_done(const SweepRow& row, const SweepResults& results) {
  return std::count_if(row.points.begin(), row.points.end(), [&](size_t p) { return results.done[p]; });
}

/// "0.6123 ± 0.021": digits for reading; "(1 of 2 seeds)" after it where not all that are `done` gave a
/// number.
std::string mean_text(const MeanOverSeeds& m, int64_t done) {
  if (!std::isfinite(m.mean)) return "-";
  char text[64];
  std::snprintf(text, sizeof text, std::isfinite(m.deviation) ? "%.4g ± %.2g" : "%.4g", m.mean, m.deviation);
  return text +
         (m.seeds < done ? " (" + std::to_string(m.seeds) + " of " + std::to_string(done) + " seeds)" : "");
}

/// Seeds of the row whose points are done, and of how many: "3", "2 of 3".
std::string seeds_text(const SweepRow& row, const SweepResults& results) {
  const auto done = seeds_done(row, results);
  const std::string all = std::to_string(row.points.size());
  return done == std::ssize(row.points) ? all : std::to_string(done) + " of " + all;
}

/// The bars of one column.
Canvas draw_column(const SweepResults& results, size_t column, const std::string& name) {
  BarPlot plot{.title = name, .start = 0, .end = 0, .width = 720, .label_width = 360};
  Bars bars;
  for (const auto& row : results.rows) {
    const MeanOverSeeds& m = row.means[column];
    const double deviation = std::isfinite(m.deviation) ? m.deviation : 0;
    plot.categories.push_back(row.name);
    bars.values.push_back(m.mean);
    bars.deviations.push_back(deviation);
    if (!std::isfinite(m.mean)) continue;
    plot.start = std::min(plot.start, m.mean - deviation);
    plot.end = std::max(plot.end, m.mean + deviation);
  }
  if (plot.start == plot.end) plot.end = plot.start + 1;
  plot.series = {bars};
  return draw_bar_plot(plot);
}

/// Pictures of one size in a row, so that the whole stays of a size to look at.
int64_t pictures_in_a_row(const at::Tensor& picture) {
  constexpr int64_t kMost = 4, kWidth = 4500;
  return std::clamp<int64_t>(kWidth / picture.size(2), 1, kMost);
}

void write_picture(const SweepPlan& sweep, const SweepResults& results, const SweepPicture& picture,
                   const fs::path& folder) {
  Grid grid{.cell_size = 1};
  std::vector<std::string> missing;
  for (size_t p = 0; p < sweep.points.size(); ++p) {
    const fs::path file = folder / sweep.points[p].name / picture.file;
    if (!results.done[p]) continue;
    if (!fs::exists(file)) {
      missing.push_back(sweep.points[p].name);
      continue;
    }
    const auto pixels = read_image(file, 3);
    if (grid.rows.empty() || std::ssize(grid.rows.back()) >= pictures_in_a_row(pixels)) {
      grid.rows.emplace_back();
      grid.captions.emplace_back();
    }
    grid.rows.back().push_back(pixels);
    grid.captions.back().push_back(sweep.points[p].name);
  }
  if (!missing.empty())
    log_warning("picture " + picture.name + ": there is no " + picture.file + " of " + join(missing));
  if (!grid.rows.empty())
    write_figure(folder / picture.name, draw_grid(grid), sweep.points.back().config.runtime.figures);
}

}  // namespace

Table sweep_points_table(const SweepPlan& sweep, const SweepResults& results) {
  Table table{sweep.keys, {}};
  table.columns.insert(table.columns.end(), {"seed", "run", "done"});
  for (const auto& column : sweep.columns) table.columns.push_back(column.name);
  for (size_t p = 0; p < sweep.points.size(); ++p) {
    const SweepPoint& point = sweep.points[p];
    std::vector<std::string> row = point.values;
    row.insert(row.end(), {std::to_string(point.seed), point.name, results.done[p] ? "1" : "0"});
    for (const double number : results.numbers[p]) row.push_back(number_cell(number));
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table sweep_table(const SweepPlan& sweep, const SweepResults& results) {
  Table table{{"settings"}, {}};
  table.columns.insert(table.columns.end(), sweep.keys.begin(), sweep.keys.end());
  for (const auto& column : sweep.columns) {
    for (const char* what : {"", " sd", " seeds"}) table.columns.push_back(column.name + what);
  }
  for (const auto& row : results.rows) {
    std::vector<std::string> cells{row.name};
    cells.insert(cells.end(), row.values.begin(), row.values.end());
    for (const auto& m : row.means) {
      cells.insert(cells.end(), {number_cell(m.mean), number_cell(m.deviation), std::to_string(m.seeds)});
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

std::string sweep_markdown(const SweepPlan& sweep, const SweepResults& results) {
  const auto done = std::count(results.done.begin(), results.done.end(), true);
  std::string text = "# " + sweep.name + "\n\n" + std::to_string(done) + " of " +
                     std::to_string(results.done.size()) +
                     " points are done. Mean ± sample standard deviation over seeds.\n\n";
  std::vector<std::string> head{"settings", "seeds"};
  for (const auto& column : sweep.columns) head.push_back(column.name);
  text += markdown_head(head);
  for (const auto& row : results.rows) {
    std::vector<std::string> cells{row.name, seeds_text(row, results)};
    for (const auto& m : row.means) cells.push_back(mean_text(m, seeds_done(row, results)));
    text += markdown_line(cells);
  }
  text += "\nThe numbers are from\n\n";
  for (const auto& column : sweep.columns)
    text += "- " + column.name + ": `" + column.file + "#" + column.pointer + "`\n";
  return text;
}

Canvas draw_sweep(const SweepPlan& sweep, const SweepResults& results) {
  constexpr int64_t kColumns = 2;
  std::vector<Picture> plots;
  for (size_t c = 0; c < sweep.columns.size(); ++c)
    plots.push_back(draw_column(results, c, sweep.columns[c].name));
  return draw_grid(grid_of(plots, kColumns));
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
