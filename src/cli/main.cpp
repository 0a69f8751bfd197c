#include <cstdlib>
#include <iostream>

#include "commands.h"
#include "patronus/core/process.h"

int main(int argc, char** argv) {
  patronus::keep_freed_memory();
  const int status = patronus::cli::run_command_line({argv + 1, argv + argc});
  std::cout.flush();
  // A normal exit would unregister thousands of LibTorch's operators, a quarter of the time of --help.
  std::quick_exit(status);
}
