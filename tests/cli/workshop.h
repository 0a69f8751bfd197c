#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/run/run_directory.h"
#include "support/run_program.h"

namespace patronus::test {

/// A temporary folder with `tiny.yaml`, the settings of small_run.h, whose data cache stays inside it; runs
/// commands in it, each in a fork of this process (fork_patronus).
class Workshop : public TemporaryFolder {
 public:
  Workshop();

  /// `patronus train --config tiny --run <run> ...` on the CPU with one thread.
  Outcome train(const std::string& run, const std::vector<std::string>& more = {}) const;
  Outcome patronus(const std::vector<std::string>& arguments) const;
  /// Starts such a command, which trains in the folder `run` there, sends it `signal` once metrics.jsonl has
  /// reached `step`, and gives its exit status. What it is to train must be longer than any machine's haste.
  int train_until(const std::vector<std::string>& arguments, const std::string& run, double step,
                  int signal) const;
  /// What fork_patronus gives for a command that fails: its first line of errors behind its exit status,
  /// "2 error: ...".
  std::string mistake(const std::vector<std::string>& arguments) const;
};

/// As run_patronus (run_program.h), but a fork of this process answers the command line: the program takes
/// half a second to start, more than most mistakes take to be found. Of the library's state the fork has what
/// this process has, such as which messages have been said already.
Outcome fork_patronus(const std::vector<std::string>& arguments, const std::filesystem::path& folder);

/// The same as `count` ranks of one job (run_ranks.h).
std::vector<Outcome> fork_ranks(size_t count, const std::vector<std::string>& arguments,
                                const std::filesystem::path& folder);

/// The last step in a run's metrics.jsonl, -1 where there is none yet.
double last_step(const RunDirectory& run);

/// The words of such a training.
std::vector<std::string> train_command(const std::string& run, const std::vector<std::string>& more = {});

}  // namespace patronus::test
