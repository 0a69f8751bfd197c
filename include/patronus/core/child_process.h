#pragma once
#include <string>
#include <vector>

namespace patronus {

/// A program to run in a child process.
struct ChildProgram {
  std::vector<std::string> argv;           // the program's path, then its arguments
  int output;                              // file descriptor for its standard output and error
  std::vector<std::string> environment{};  // "NAME=value", besides this process's own
};

/// Runs a program to its end and returns its exit status, or 128 + the signal that ended it. It has no input
/// and is in its own process group: a signal that arrives while an InterruptGuard exists is forwarded to it
/// once, and it is still waited for. Throws Error if it cannot be started.
int run_child(const ChildProgram& program);

/// Path of the running program, even if an update has replaced its file since the start.
std::string this_program();

}  // namespace patronus
