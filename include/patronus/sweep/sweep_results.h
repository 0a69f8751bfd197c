#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/figures/canvas.h"
#include "patronus/io/table.h"
#include "patronus/metrics/mean_over.h"
#include "patronus/sweep/sweep.h"

namespace patronus {

/// Points that differ only in their seed.
struct SweepRow {
  std::string name;                 // "count 32"
  std::vector<std::string> values;  // values of the sweep's keys
  std::vector<size_t> points{};     // indices of the points
  std::vector<MeanOver> means{};    // per column, over seeds, with the sample deviation
};

/// Numbers that a sweep's commands left in its runs.
struct SweepResults {
  std::vector<bool> done;                    // [points]
  std::vector<std::vector<double>> numbers;  // [points][columns]; NaN where unknown
  std::vector<SweepRow> rows;
};

/// Reads the columns of all finished points from the sweep's `folder`; warns of missing ones.
SweepResults read_sweep_results(const SweepPlan& sweep, const std::filesystem::path& folder);

/// Warns of columns for which a finished point has no number and, for JSON files, what they have instead.
void warn_of_missing_numbers(const SweepPlan& sweep, const SweepPoint& point,
                             const std::filesystem::path& folder);

/// Table with one row per point: settings, seed, folder and numbers.
Table sweep_points_table(const SweepPlan& sweep, const SweepResults& results);
/// Table with one row for all points that differ only in their seed: settings, seeds, means and deviations.
Table sweep_table(const SweepPlan& sweep, const SweepResults& results);
/// The table of a sweep in Markdown, with entries such as "0.61 ± 0.02".
std::string sweep_markdown(const SweepPlan& sweep, const SweepResults& results);
/// Draws a bar plot for each column, with the deviations.
Canvas draw_sweep(const SweepPlan& sweep, const SweepResults& results);

/// Writes the results so far to `folder`: `points.csv`, `sweep.csv`, `sweep.md`, `sweep.png`, and for each of
/// the sweep's pictures one that combines those of all points.
void write_sweep_results(const SweepPlan& sweep, const std::filesystem::path& folder);

}  // namespace patronus
