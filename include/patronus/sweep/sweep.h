#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/run/run_config.h"

namespace patronus {

/// One run of a sweep.
struct SweepPoint {
  std::string name;  // of its folder, after what differs between points: "count-32_seed-0"
  std::string row;   // the same without the seed, for people: "count 32"; points of other seeds share it
  std::vector<std::string> values;  // of the sweep's keys, as YAML writes them
  int64_t seed = 0;
  std::vector<std::string> settings;  // key=value words of its training
  RunConfig config;                   // what they come to
  bool is_start = false;              // the run that the others begin with: nothing is trained
};

/// A number in a JSON file that the commands leave in a run, or the last one of a name in a metrics.jsonl.
struct SweepColumn {
  std::string name;
  std::string file;     // in the run
  std::string pointer;  // "/similarity/vectors/mean" (RFC 6901); the name of a metric in metrics.jsonl

  bool is_metric() const { return std::filesystem::path(file).filename() == "metrics.jsonl"; }
};

/// A picture that the commands leave in a run.
struct SweepPicture {
  std::string name;
  std::string file;
};

/// A study of many runs: with which settings, what is made of each of them, and what is put side by side.
struct SweepPlan {
  std::string name;                  // the file's, without its ending
  std::vector<std::string> configs;  // as for `train --config`
  std::vector<std::string> keys;     // settings that differ between points, but for the seed
  std::vector<std::string> labels;   // of the keys, as short as tells them apart
  std::vector<SweepPoint> points;
  std::vector<std::vector<std::string>> commands;  // words behind the program's name, one after the other
  std::vector<std::string> command_positions;      // in the file, for messages: "study.yaml:7: "
  std::vector<SweepColumn> columns;
  std::vector<SweepPicture> pictures;
};

/// The file that `name` stands for: a path as given or with `.yaml`, or one of the shipped sweeps.
std::filesystem::path find_sweep(const std::string& name);

/// Reads a file of the format of docs/sweep.md. `overrides` ("a.b=value") are settings of all points that
/// beat the file's. ConfigError "<file>:<line>: ..." for what is unknown or of the wrong kind, for settings
/// that do not make a run, and for two points with equal settings; for what is wrong with `overrides`, as
/// apply_override's (core/config.h).
SweepPlan read_sweep(const std::filesystem::path& path, const std::vector<std::string>& overrides);

}  // namespace patronus
