#pragma once
#include <functional>
#include <string>
#include <vector>

namespace patronus::cli {

/// One run of the program: the command line as typed, and what the chosen subcommand does (it gives the exit
/// status).
struct Invocation {
  std::string command_line;
  std::function<int()> selected;
  bool takes_ranks = false;  // whether the processes that a launcher starts share the work
  bool verbose = false;
  bool quiet = false;
};

/// Reads the words behind the program's name into `invocation`, and does nothing of what they ask for but
/// --help and --version. `invocation` must stay where it is until `selected` has run. ConfigError for what
/// none of the commands understands.
void parse_command_line(const std::vector<std::string>& words, Invocation& invocation);

/// Does what the words behind the program's name ask for, and logs what went wrong, if anything did, in one
/// line. Gives the exit status.
int run_command_line(const std::vector<std::string>& words);

/// ConfigError where a launcher started several processes, of which each would do all of the work.
void require_one_process();

}  // namespace patronus::cli
