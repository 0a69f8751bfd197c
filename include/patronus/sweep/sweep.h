#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/run/run_config.h"

namespace patronus {

/// One run of a sweep.
struct SweepPoint {
  std::string name;  // folder name, from what differs between points: "count-32_seed-0"
  std::string row;   // readable name without the seed: "count 32"; shared by points with other seeds
  std::vector<std::string> values;  // values of the sweep's keys in YAML syntax
  int64_t seed = 0;
  std::vector<std::string> settings;  // key=value arguments of its training
  // Those of its commands too, which the checkpoint does not hold (runtime.*), or not as they are now.
  std::vector<std::string> command_settings;
  RunConfig config;       // resulting configuration
  bool is_start = false;  // the run from which the others start, which is not trained
};

/// A number from a JSON file that commands write in a run, or the last value of a metric in a metrics.jsonl.
struct SweepColumn {
  std::string name;
  std::string file;  // path in the run
  // "/similarity/vectors/mean" (RFC 6901); or how the only such place outside lists ends: "vectors/mean"; or
  // a metric's name for metrics.jsonl.
  std::string pointer;

  bool is_metric() const { return std::filesystem::path(file).filename() == "metrics.jsonl"; }
  bool is_place() const { return pointer.starts_with("/"); }
};

/// A picture that commands write in a run.
struct SweepPicture {
  std::string name;
  std::string file;
};

/// A study of several runs: their settings, the commands to run on each, and the results to compare.
struct SweepPlan {
  std::string name;                  // file name without extension
  std::vector<std::string> configs;  // as for `train --config`
  std::vector<std::string> keys;     // settings, other than the seed, that differ between points
  std::vector<std::string> labels;   // shortest unambiguous names of the keys
  std::vector<SweepPoint> points;
  std::vector<std::vector<std::string>> commands;  // arguments after the program's name, in order
  std::vector<std::string> command_positions;      // in the file, for messages: "study.yaml:7: "
  std::vector<SweepColumn> columns;
  std::vector<SweepPicture> pictures;
};

/// Finds a sweep: `name` as a path, with `.yaml` appended, or a shipped one.
std::filesystem::path find_sweep(const std::string& name);

/// Reads a sweep file (docs/sweep.md). `overrides` ("a.b=value") are settings of all points that take
/// precedence over the file's. Throws ConfigError "<file>:<line>: ..." for unknown keys, values of the wrong
/// kind, settings that do not make a valid run, and two points with equal settings; for `overrides` as
/// apply_override (core/config.h).
SweepPlan read_sweep(const std::filesystem::path& path, const std::vector<std::string>& overrides);

}  // namespace patronus
