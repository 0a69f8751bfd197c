#pragma once
#include <optional>
#include <string>
#include <vector>

#include "support/run_program.h"

namespace patronus::test {

/// A Python interpreter with these `modules` ("torch", "numpy, PIL"): $PATRONUS_PYTHON, the one that this
/// build's LibTorch belongs to, python3, or the system's python3. Without one, tests are skipped with a
/// message: building needs no Python.
std::optional<std::string> python_with(const std::string& modules);

/// Runs the source text `script` with sys.argv[1:] = `arguments`.
Outcome run_python(const std::string& python, const std::string& script,
                   const std::vector<std::string>& arguments = {});

}  // namespace patronus::test
