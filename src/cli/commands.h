#pragma once
#include <functional>
#include <string>
#include <vector>

namespace patronus::cli {

/// One run of the program: the command line and the selected command, which returns the exit status.
struct Invocation {
  std::string command_line;
  std::function<int()> selected;
  bool takes_ranks = false;  // whether the ranks of a launcher's job share the work
  bool verbose = false;
  bool quiet = false;
  std::vector<std::string> warnings;  // of words that contradict each other
};

/// Parses the arguments after the program's name into `invocation`. Runs no command; only --help and
/// --version print at once. `invocation` must not move until `selected` has run. Throws ConfigError for
/// arguments that no command understands.
void parse_command_line(const std::vector<std::string>& words, Invocation& invocation);

/// Runs the command in the arguments after the program's name. Returns the exit status; logs an error in one
/// line.
int run_command_line(const std::vector<std::string>& words);

/// Throws ConfigError if a launcher started several processes, each of which would do all of the work.
void require_one_process();

}  // namespace patronus::cli
