#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/sweep/sweep.h"

namespace patronus {

/// Result of running a sweep.
struct SweepOutcome {
  std::vector<std::string> failed;  // names of failed points
  int signal = 0;                   // signal that stopped it; 0: none
};

/// Arguments of one of the sweep's commands for a point in the sweep's `folder`: {run} becomes the point's
/// folder, which is also passed as --run. For the start, whose model is elsewhere, results still go to the
/// point's folder.
std::vector<std::string> command_arguments(const std::vector<std::string>& command, const SweepPoint& point,
                                           const std::filesystem::path& folder);

/// Whether a point of the sweep in `folder` is trained with its settings and all commands were run
/// afterwards. Its data may have moved if they are the same; throws DataError if they are missing.
bool is_done(const SweepPlan& sweep, const SweepPoint& point, const std::filesystem::path& folder);

/// Trains each of `points` (indices) in its own folder in `folder` and runs the sweep's commands on it,
/// skipping finished work. They run as children of this program, with output in `folder`/logs/<point>.log,
/// `jobs` points at a time, which share the processor threads and the GPUs if CUDA_VISIBLE_DEVICES lists
/// several. If something fails, the point is abandoned and the next one starts. Waits for a point on which
/// another process works, such as the last command of a killed sweep. A signal (core/interrupt.h) ends the
/// children, which save their work. Throws DataError, before writing anything, if the data of a point to be
/// trained cannot be opened.
SweepOutcome run_sweep(const SweepPlan& sweep, const std::vector<int64_t>& points,
                       const std::filesystem::path& folder, int64_t jobs);

}  // namespace patronus
