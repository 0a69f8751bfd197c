#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/sweep/sweep.h"

namespace patronus {

/// How the work on a sweep ended.
struct SweepOutcome {
  std::vector<std::string> failed;  // names of points
  int signal = 0;                   // that stopped it; 0 where none did
};

/// Words of one of the sweep's commands as it is run on a point in the sweep's `folder`: {run} is the point's
/// folder, which --run names. The model of the start lies elsewhere, and what is made of it goes into the
/// point's folder all the same.
std::vector<std::string> command_words(const std::vector<std::string>& command, const SweepPoint& point,
                                       const std::filesystem::path& folder);

/// Whether a point of the sweep in `folder` is trained by its settings, and all commands have been done
/// since. Its data may lie elsewhere by now, where they are the same; DataError where there are none.
bool is_done(const SweepPlan& sweep, const SweepPoint& point, const std::filesystem::path& folder);

/// Trains each of `points` (numbers) of the sweep in its own folder in `folder`, and runs the sweep's
/// commands on it: those that have not been done yet. They run as children of this program, with all that
/// they say in `folder`/logs/<point>.log, `jobs` points at a time, among which processor threads are divided
/// and, where CUDA_VISIBLE_DEVICES names several, GPUs. A point of which something fails is left, and the
/// next one is begun. A point that another process works on, also the last command of a sweep that was
/// killed, is waited for. A signal (core/interrupt.h) ends the children, which save what they have.
/// DataError, before anything is written, where the data of a point that is to be trained cannot be opened.
SweepOutcome run_sweep(const SweepPlan& sweep, const std::vector<int64_t>& points,
                       const std::filesystem::path& folder, int64_t jobs);

}  // namespace patronus
