#pragma once
#include <string>
#include <vector>

namespace patronus {

/// A program to run in a process of its own.
struct ChildProgram {
  std::vector<std::string> words;          // the program's path, then what it is told
  int output;                              // descriptor of what it writes, errors too
  std::vector<std::string> environment{};  // "NAME=value", besides this process's own
};

/// Runs it to its end; gives its exit status, or 128 and the signal that ended it. It reads nothing, and
/// belongs to a process group of its own: a signal that arrives while an InterruptGuard lives is passed on to
/// it once, and it is still waited for. Error when it cannot be started.
int run_child(const ChildProgram& program);

/// The path of the program that runs here, also where an update has replaced it since it was started.
std::string this_program();

}  // namespace patronus
