#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "patronus/sweep/sweep.h"

namespace patronus {

/// Points that a sweep may have: each is a folder and a training.
constexpr size_t kMostSweepPoints = 1000;

/// What points are made of: key=value words, of which later ones win, in this order.
struct PointSettings {
  std::vector<std::string> common;
  std::vector<std::vector<std::string>> combinations;
  std::vector<int64_t> seeds;  // each combination with each of them; empty: with the configuration's
  std::vector<std::string> overrides;
  bool start = false;  // whether the run that training begins with is the first point
};

/// Fills in `keys`, `labels` and `points`. ConfigError for a point that makes no run, for two alike,
/// and for more than `kMostSweepPoints`.
void make_points(SweepPlan& sweep, const PointSettings& settings);

}  // namespace patronus
