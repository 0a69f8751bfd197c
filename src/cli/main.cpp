#include <cstdlib>
#include <iostream>

#include "commands.h"

int main(int argc, char** argv) {
  const int status = patronus::cli::run_command_line({argv + 1, argv + argc});
  std::cout.flush();
  // Otherwise LibTorch unregisters thousands of operators: a quarter of what --help costs.
  std::quick_exit(status);
}
