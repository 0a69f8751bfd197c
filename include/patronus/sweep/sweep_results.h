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

/// Points that differ in nothing but their seed.
struct SweepRow {
  std::string name;                 // "count 32"
  std::vector<std::string> values;  // of the sweep's keys
  std::vector<size_t> points{};     // numbers
  std::vector<MeanOver> means{};    // a column each, over seeds; the deviation is that of a sample
};

/// What a sweep's commands left in its runs.
struct SweepResults {
  std::vector<bool> done;                    // [points]
  std::vector<std::vector<double>> numbers;  // [points][columns]; NaN where unknown
  std::vector<SweepRow> rows;
};

/// Reads the columns of every point that is done from the sweep's `folder`; warns of those that are not
/// there.
SweepResults read_sweep_results(const SweepPlan& sweep, const std::filesystem::path& folder);

/// Warns of columns for which a point that is done has no number, of JSON files with what there is instead.
void warn_of_missing_numbers(const SweepPlan& sweep, const SweepPoint& point,
                             const std::filesystem::path& folder);

/// A row a point: its settings, seed, folder and numbers.
Table sweep_points_table(const SweepPlan& sweep, const SweepResults& results);
/// A row for all points that differ in nothing but their seed: settings, seeds, mean and deviation.
Table sweep_table(const SweepPlan& sweep, const SweepResults& results);
/// The table of a sweep for people: "0.61 ± 0.02".
std::string sweep_markdown(const SweepPlan& sweep, const SweepResults& results);
/// A bar plot for each column, with the deviations.
Canvas draw_sweep(const SweepPlan& sweep, const SweepResults& results);

/// Writes into `folder` what the points have given so far: `points.csv`, `sweep.csv`, `sweep.md`,
/// `sweep.png`, and for each of the sweep's pictures one with those of all points.
void write_sweep_results(const SweepPlan& sweep, const std::filesystem::path& folder);

}  // namespace patronus
