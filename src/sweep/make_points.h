#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "patronus/sweep/sweep.h"

namespace patronus {

/// Largest number of points in a sweep; each has a folder and a training.
constexpr size_t kMaxSweepPoints = 1000;

/// Settings of the points: key=value words in this order; later ones win.
struct PointSettings {
  std::vector<std::string> common;
  std::vector<std::vector<std::string>> combinations;
  std::vector<int64_t> seeds;  // every combination runs with each; empty: the configuration's seed
  std::vector<std::string> overrides;
  bool start = false;  // whether the run that training starts from is the first point
};

/// Fills in `keys`, `labels` and `points`. Throws ConfigError for a point that is not a valid run, two equal
/// points, or more than `kMaxSweepPoints`.
void make_points(SweepPlan& sweep, const PointSettings& settings);

}  // namespace patronus
